"""Greylisting: refuse a new correspondent for a while, and see whether it comes back."""

from __future__ import annotations

from mailsim.mta.policies import Policy, Seen, policy
from mailsim.smtp import Reply
from mailsim.units import format_duration, parse_duration

__all__ = ["Greylist"]


@policy("greylist")
class Greylist(Policy):
    """Answer 450 to an unknown triplet until ``delay`` has passed since its first try.

    The triplet is the client's /24 network, the sender and the recipient.  A triplet that
    passed is known for ``lifetime`` from its last mail.  Authenticated clients are exempt.

    Source: RFC 6647 sections 2.4 and 5; defaults of postgrey 1.37 (300 s, 35 days).

    Example::

        greylist: {delay: 5min, lifetime: 35d}

    Parameters
    ----------
    delay_ns : int
        How long a new triplet is refused.
    lifetime_ns : int
        How long a known triplet stays known after its last mail.
    """

    is_shared = True

    def __init__(self, delay_ns: int, lifetime_ns: int = 35 * 86_400_000_000_000) -> None:
        self.delay_ns = delay_ns
        self.lifetime_ns = lifetime_ns
        self._first_ns: dict[tuple[str, str, str], int] = {}
        self._last_ns: dict[tuple[str, str, str], int] = {}

    @classmethod
    def from_options(cls, options: object) -> Greylist:
        """Return the policy for ``{delay: 5min, lifetime: 35d}``; both may be left out."""
        if not isinstance(options, dict) or not set(options) <= {"delay", "lifetime"}:
            raise ValueError(f"greylist takes {{delay: ..., lifetime: ...}}, got {options!r}")
        return cls(
            parse_duration(options.get("delay", "300s")),
            parse_duration(options.get("lifetime", "35d")),
        )

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a triplet that is new."""
        if seen.user:
            return None
        triplet = (seen.address.rpartition(".")[0], seen.sender, seen.recipient)
        last = self._last_ns.get(triplet)
        if last is not None and now_ns - last <= self.lifetime_ns:
            self._last_ns[triplet] = now_ns
            return None
        first = self._first_ns.setdefault(triplet, now_ns)
        if now_ns - first >= self.delay_ns:
            del self._first_ns[triplet]
            self._last_ns[triplet] = now_ns
            return None
        wait = format_duration(self.delay_ns - (now_ns - first))
        text = f"<{seen.recipient}>: Recipient address rejected: Greylisted, try again in {wait}"
        return Reply(450, (text,), "4.7.1")
