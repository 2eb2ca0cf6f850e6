"""A receiver that is out of order now and then, whoever asks."""

from __future__ import annotations

from mailsim.mta.policies import Asking, Chance, Policy, Seen, policy
from mailsim.mta.policies._options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_share

__all__ = ["Tempfail"]

_EXAMPLE = "{share: 30%}"


@policy("tempfail")
class Tempfail(Policy):
    """Answer 451 to a share of recipients, each time anew by chance.

    The simplest model of a receiver in trouble: each attempt fails with the same probability,
    whatever happened before (Bernoulli trials), so that the number of attempts is geometric.

    Source: RFC 5321 section 4.2.3, reply 451 (local error in processing).

    Example::

        tempfail: {share: 30%}

    Parameters
    ----------
    share : float
        From 0 to 1.
    """

    is_shared = True  # draws are taken in the order of time

    def __init__(self, share: float) -> None:
        self.share = share

    @classmethod
    def from_options(cls, options: object) -> Tempfail:
        """Return the policy for ``{share: ...}``."""
        given = options_of("tempfail", options, {"share": parse_share}, _EXAMPLE)
        if "share" not in given:
            raise ValueError(f"tempfail: expected {_EXAMPLE}, got {options!r}")
        return cls(given["share"])

    def on_rcpt(self, seen: Seen, now_ns: int) -> Asking:
        """Draw."""
        (drawn,) = yield (Chance(),)
        if drawn >= self.share:
            return None
        return Reply(451, (f"<{seen.recipient}>: Try again later",), "4.3.0")
