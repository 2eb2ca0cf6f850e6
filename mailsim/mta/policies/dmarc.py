"""DMARC: do with a message that nobody answers for what its author's domain asks."""

from __future__ import annotations

from mailsim.mta.auth.dkim import author_domain
from mailsim.mta.auth.dmarc import evaluate
from mailsim.mta.policies import Action, Asking, Finding, Policy, Seen, Verdict, policy
from mailsim.mta.policies._asked import checked, looked_up, spf_of
from mailsim.mta.policies._options import flag_of, one_of
from mailsim.options import options_of
from mailsim.smtp import Reply

__all__ = ["Dmarc"]


@policy("dmarc")
class Dmarc(Policy):
    """Hold SPF and DKIM against the domain of From, and follow that domain's policy.

    SPF of the sender and all signatures are evaluated here, whether policies ``spf`` and ``dkim``
    come first or not; what these have asked is in the resolver's cache.  ``p=reject`` is 550
    5.7.1; what is to be put into quarantine is delivered all the same (``quarantine: accept``),
    refused or discarded.  ``reject: false`` refuses nothing.  With ``temperror_defer`` a message
    whose policy nobody could tell of is put off (451 4.7.5), else it passes.  Authenticated
    clients are exempt.  ``mailsim serve`` checks no signatures: there SPF alone decides.

    Source: RFC 9989 sections 4.10 and 5.3; opendmarc.conf(5): ``SPFSelfValidate``,
    ``RejectFailures`` (which is false there unless said).

    Example::

        dmarc: {quarantine: reject}

    Parameters
    ----------
    reject, temperror_defer : bool
    quarantine : str
        ``accept``, ``reject`` or ``discard``.
    """

    def __init__(
        self, reject: bool = True, quarantine: str = "accept", temperror_defer: bool = False
    ) -> None:
        self.reject = reject
        self.quarantine = quarantine
        self.temperror_defer = temperror_defer

    @classmethod
    def from_options(cls, options: object) -> Dmarc:
        """Return the policy for ``{reject: ..., quarantine: ..., temperror_defer: ...}``.

        Each may be left out.
        """
        known = {
            "reject": flag_of,
            "quarantine": one_of("accept", "reject", "discard"),
            "temperror_defer": flag_of,
        }
        return cls(**options_of("dmarc", options, known, "{quarantine: reject}"))

    def on_message(self, seen: Seen, now_ns: int) -> Asking:
        """Evaluate SPF, DKIM and DMARC."""
        content = seen.content
        assert content is not None
        author = author_domain(content)
        if seen.user or not author:
            return None
        spf = yield from spf_of(seen, "mailfrom", now_ns)
        domain = seen.sender.rpartition("@")[2] if seen.sender else seen.helo
        signed = yield from checked(seen)
        outcome = yield from looked_up(
            evaluate(
                author,
                domain if spf.result == "pass" else "",
                [one.domain for one in signed if one.result == "pass"],
            )
        )
        found = f"spf={spf.result} dkim={_words([one.result for one in signed])}"
        why = f"{outcome.disposition} by {outcome.domain or 'nobody'}; {found}"
        what = (content.number, "dmarc", "header.from", author, outcome.result, why)
        yield (Finding(seen.client, *what),)
        if outcome.result == "temperror" and self.temperror_defer:
            return Reply(451, (f"DMARC policy of {author} cannot be found out",), "4.7.5")
        return self._verdict(outcome.disposition, f"{author} ({outcome.domain}): {found}")

    def _verdict(self, disposition: str, text: str) -> Verdict:
        action = "accept"
        if disposition == "reject" and self.reject:
            action = "reject"
        elif disposition == "quarantine":
            action = self.quarantine
        if action == "reject":
            return Reply(550, (f"Email rejected per DMARC policy for {text}",), "5.7.1")
        return Action.DISCARD if action == "discard" else None


def _words(results: list[str]) -> str:
    return ",".join(results) or "none"
