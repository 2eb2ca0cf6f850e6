"""SPF: refuse clients that may not send mail in their sender's name."""

from __future__ import annotations

from collections.abc import Iterable

from mailsim.mta.auth.spf import SpfOutcome
from mailsim.mta.policies import Asking, Finding, Policy, Seen, policy
from mailsim.mta.policies._asked import spf_of
from mailsim.mta.policies._options import flag_of, hosts_of, one_of
from mailsim.options import options_of
from mailsim.smtp import Reply

__all__ = ["Spf"]

_REJECTED = {
    "fail": ("fail",),
    "softfail": ("fail", "softfail"),
    "not_pass": ("fail", "softfail", "neutral", "permerror"),
    "never": (),
    "no_check": (),
}
_LEVELS = tuple(_REJECTED)
_MOST_SAID = 400


@policy("spf")
class Spf(Policy):
    """Evaluate SPF for the client's name of itself and for the sender, at MAIL.

    550 5.7.23 where the result is one that ``helo_reject`` or ``mail_from_reject`` names: ``fail``,
    ``softfail`` (and fail), ``not_pass`` (and neutral and permerror), ``never``, or ``no_check``,
    which does not even ask.  With ``permerror_reject`` 550 5.7.24, with ``temperror_defer`` 451
    4.7.24.  Authenticated clients and ``skip`` are exempt.  Each question costs what it costs the
    host's resolver; each result is a row of ``authentication``.

    Source: RFC 7208 section 8; RFC 7372 section 3.2 for the codes; pypolicyd-spf for options and
    defaults (policyd-spf.conf(5); ``never`` is its ``False``), but that it is asked at RCPT.

    Example::

        spf: {helo_reject: fail, mail_from_reject: softfail, temperror_defer: true}

    Parameters
    ----------
    helo_reject, mail_from_reject : str
    permerror_reject, temperror_defer : bool
    skip : iterable of str
        Hosts whose mail is not looked at, such as our own backup MX.
    """

    def __init__(
        self,
        helo_reject: str = "fail",
        mail_from_reject: str = "fail",
        permerror_reject: bool = False,
        temperror_defer: bool = False,
        skip: Iterable[str] = (),
    ) -> None:
        self.helo_reject = helo_reject
        self.mail_from_reject = mail_from_reject
        self.permerror_reject = permerror_reject
        self.temperror_defer = temperror_defer
        self.skip = frozenset(skip)

    @classmethod
    def from_options(cls, options: object) -> Spf:
        """Return the policy for ``{helo_reject: ..., mail_from_reject: ..., ...}``.

        Each may be left out.
        """
        known = {
            "helo_reject": one_of(*_LEVELS),
            "mail_from_reject": one_of(*_LEVELS),
            "permerror_reject": flag_of,
            "temperror_defer": flag_of,
            "skip": hosts_of,
        }
        return cls(**options_of("spf", options, known, "{mail_from_reject: fail}"))

    def hosts(self) -> Iterable[str]:
        """Return the hosts that are exempt."""
        return sorted(self.skip)

    def on_mail(self, seen: Seen, now_ns: int) -> Asking:
        """Ask about the client's name, then about the sender."""
        if seen.user or seen.client in self.skip:
            return None
        if self.helo_reject != "no_check":
            outcome = yield from spf_of(seen, "helo", now_ns)
            yield (_finding(seen, "smtp.helo", seen.helo, outcome),)
            refusal = self._refusal(seen, "HELO", seen.helo, self.helo_reject, outcome)
            if refusal is not None:
                return refusal
        if self.mail_from_reject == "no_check" or not seen.sender:
            return None
        outcome = yield from spf_of(seen, "mailfrom", now_ns)
        domain = seen.sender.rpartition("@")[2]
        yield (_finding(seen, "smtp.mailfrom", domain, outcome),)
        return self._refusal(seen, "MAIL FROM", domain, self.mail_from_reject, outcome)

    def _refusal(
        self, seen: Seen, identity: str, domain: str, level: str, outcome: SpfOutcome
    ) -> Reply | None:
        result, why = outcome.result, outcome.why
        text = f"SPF {identity} check of {domain} for {seen.address}: {result} ({why})"
        if result == "temperror" and self.temperror_defer:
            return Reply(451, (text,), "4.7.24")
        if result == "permerror" and (self.permerror_reject or level == "not_pass"):
            return Reply(550, (text,), "5.7.24")
        if result not in _REJECTED[level]:
            return None
        said = outcome.explanation[:_MOST_SAID]
        lines = (text, f"The domain {domain} explains: {said}") if said else (text,)
        return Reply(550, lines, "5.7.23")


def _finding(seen: Seen, what: str, domain: str, outcome: SpfOutcome) -> Finding:
    return Finding(seen.client, None, "spf", what, domain, outcome.result, outcome.why)
