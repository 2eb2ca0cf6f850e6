"""DKIM: look at the signatures of a message."""

from __future__ import annotations

from mailsim.mta.policies import Asking, Finding, Policy, Seen, policy
from mailsim.mta.policies._asked import checked
from mailsim.mta.policies._options import one_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_duration

__all__ = ["Dkim"]

_ACTION = one_of("accept", "reject", "tempfail")


@policy("dkim")
class Dkim(Policy):
    """Check each signature of a message: a question for its key, ``verify_time``, an outcome.

    One that passes is enough.  Else the worst that was found decides, in this order: keys that
    nobody could tell of (``on_dns_error``, 4.7.5), signatures that do not fit what they cover
    (``on_bad_signature``), keys that are not there, revoked or wrong (``on_key_not_found``), none
    at all (``on_no_signature``): each ``accept``, ``reject`` (550 5.7.20) or ``tempfail`` (451
    4.7.20).  Authenticated clients are exempt.  ``mailsim serve`` checks no signatures: to it all
    messages are without.

    Source: RFC 6376 section 6; RFC 7372 section 3.1 for the codes; opendkim.conf(5) for
    ``On-DNSError`` (tempfail), ``On-BadSignature``, ``On-KeyNotFound`` and ``On-NoSignature``
    (accept).

    Example::

        dkim: {on_bad_signature: reject, verify_time: 1ms}

    Parameters
    ----------
    on_dns_error, on_bad_signature, on_key_not_found, on_no_signature : str
    verify_time : int
        What checking one signature takes (ns).
    """

    def __init__(
        self,
        on_dns_error: str = "tempfail",
        on_bad_signature: str = "accept",
        on_key_not_found: str = "accept",
        on_no_signature: str = "accept",
        verify_time: int = 0,
    ) -> None:
        self.actions = {
            "temperror": on_dns_error,
            "fail": on_bad_signature,
            "permerror": on_key_not_found,
        }
        self.on_no_signature = on_no_signature
        self.verify_ns = verify_time

    @classmethod
    def from_options(cls, options: object) -> Dkim:
        """Return the policy for ``{on_bad_signature: ..., verify_time: ..., ...}``.

        Each may be left out.
        """
        names = ("on_dns_error", "on_bad_signature", "on_key_not_found", "on_no_signature")
        known = {**dict.fromkeys(names, _ACTION), "verify_time": parse_duration}
        return cls(**options_of("dkim", options, known, "{on_bad_signature: reject}"))

    def on_message(self, seen: Seen, now_ns: int) -> Asking:
        """Check the signatures."""
        if seen.user:
            return None
        outcomes = yield from checked(seen, self.verify_ns)
        for one in outcomes:
            yield (_finding(seen, one.domain, one.result, one.why),)
        if not outcomes:
            yield (_finding(seen, "", "none", "no signature"),)
            return _verdict(self.on_no_signature, "none (no signature)", "7.20")
        if any(outcome.result == "pass" for outcome in outcomes):
            return None
        worst = min(outcomes, key=lambda outcome: list(self.actions).index(outcome.result))
        text = f"{worst.result} ({worst.why}) for {worst.selector}._domainkey.{worst.domain}"
        code = "7.5" if worst.result == "temperror" else "7.20"
        return _verdict(self.actions[worst.result], text, code)


def _finding(seen: Seen, domain: str, result: str, why: str) -> Finding:
    assert seen.content is not None
    number = seen.content.number
    return Finding(seen.client, number, "dkim", "header.d", domain, result, why)


def _verdict(action: str, text: str, code: str) -> Reply | None:
    if action == "accept":
        return None
    number, sign = (550, 5) if action == "reject" else (451, 4)
    return Reply(number, (f"No passing DKIM signature found: {text}",), f"{sign}.{code}")
