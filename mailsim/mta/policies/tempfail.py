"""A receiver that is out of order now and then, whoever asks."""

from __future__ import annotations

from mailsim.mta.policies import Asking, Chance, Policy, Seen, policy
from mailsim.mta.policies._options import one_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_share

__all__ = ["Tempfail"]

_EXAMPLE = "{share: 30%}"
_STAGES = ("rcpt", "message")


@policy("tempfail")
class Tempfail(Policy):
    """Answer 451 to a share of recipients or messages, each time anew by chance.

    The simplest model of a receiver in trouble: each attempt fails with the same probability,
    whatever happened before (Bernoulli trials), so that the number of attempts is geometric.

    It does so at RCPT; or at stage ``message``, after the final dot, when the receiver has done all
    of its work.

    Source: RFC 5321 section 4.2.3, reply 451 (local error in processing).

    Example::

        tempfail: {share: 30%}

    Parameters
    ----------
    share : float
        From 0 to 1.
    stage : str
        ``rcpt`` or ``message``.
    """

    is_shared = True  # draws are taken in the order of time

    def __init__(self, share: float, stage: str = "rcpt") -> None:
        self.share = share
        self.stage = stage

    @classmethod
    def from_options(cls, options: object) -> Tempfail:
        """Return the policy for ``{share: ..., stage: ...}``."""
        known = {"share": parse_share, "stage": one_of(*_STAGES)}
        given = options_of("tempfail", options, known, _EXAMPLE)
        if "share" not in given:
            raise ValueError(f"tempfail: expected {_EXAMPLE}, got {options!r}")
        return cls(**given)

    def decides_at(self, stage: str) -> bool:
        """Tell whether it is the stage where it fails."""
        return stage == f"on_{self.stage}"

    def on_rcpt(self, seen: Seen, now_ns: int) -> Asking:
        """Draw, recipient by recipient."""
        (drawn,) = yield (Chance(),)
        if drawn >= self.share:
            return None
        return Reply(451, (f"<{seen.recipient}>: Try again later",), "4.3.0")

    def on_message(self, seen: Seen, now_ns: int) -> Asking:
        """Draw, for all recipients together."""
        (drawn,) = yield (Chance(),)
        if drawn >= self.share:
            return None
        return Reply(451, ("Local error in processing; try again later",), "4.3.0")
