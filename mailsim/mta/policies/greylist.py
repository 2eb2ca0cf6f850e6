"""Greylisting: refuse a new correspondent for a while, and see whether it comes back."""

from __future__ import annotations

from ipaddress import IPv6Address

from mailsim.mta.policies import Policy, Seen, policy
from mailsim.smtp import Reply
from mailsim.units import format_duration, parse_duration

__all__ = ["Greylist"]

_DAY = 86_400_000_000_000
_DEFAULTS = {"delay": "300s", "retry_window": "2d", "lifetime": "35d"}


@policy("greylist")
class Greylist(Policy):
    """Answer 450 to an unknown triplet until ``delay`` has passed since its first try.

    The triplet is the client's network (/24, of IPv6 /64), the sender and the recipient.  A
    first try is forgotten after ``retry_window``: who comes back later is new again.  A triplet
    that passed is known for ``lifetime`` from its last mail.  Authenticated clients are exempt.

    Source: RFC 6647 sections 2.4 and 5; postgrey 1.37, ``--delay`` 300 s, ``--retry-window``
    2 days, ``--max-age`` 35 days, ``--ipv6cidr`` 64.  Its
    ``--auto-whitelist-clients`` is not modelled.

    Example::

        greylist: {delay: 5min, retry_window: 2d, lifetime: 35d}

    Parameters
    ----------
    delay_ns : int
        How long a new triplet is refused.
    lifetime_ns : int
        How long a known triplet stays known after its last mail.
    retry_window_ns : int
        How long a first try is remembered; above ``delay_ns``.
    """

    is_shared = True

    def __init__(
        self,
        delay_ns: int,
        lifetime_ns: int = 35 * _DAY,
        retry_window_ns: int = 2 * _DAY,
    ) -> None:
        self.delay_ns = delay_ns
        self.lifetime_ns = lifetime_ns
        self.retry_window_ns = retry_window_ns
        self._first_ns: dict[tuple[str, str, str], int] = {}
        self._last_ns: dict[tuple[str, str, str], int] = {}

    @classmethod
    def from_options(cls, options: object) -> Greylist:
        """Return the policy for ``{delay: ..., retry_window: ..., lifetime: ...}``.

        Each may be left out.
        """
        if not isinstance(options, dict) or not set(options) <= set(_DEFAULTS):
            form = ", ".join(f"{name}: ..." for name in _DEFAULTS)
            raise ValueError(f"greylist takes {{{form}}}, got {options!r}")
        given = {name: parse_duration(options.get(name, _DEFAULTS[name])) for name in _DEFAULTS}
        if given["retry_window"] <= given["delay"]:
            window, delay = (format_duration(given[name]) for name in ("retry_window", "delay"))
            raise ValueError(
                f"greylist: expected a retry_window above the delay of {delay}, got {window}:"
                " nobody would ever pass"
            )
        return cls(given["delay"], given["lifetime"], given["retry_window"])

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a triplet that is new."""
        if seen.user:
            return None
        triplet = (_network(seen.address), seen.sender, seen.recipient)
        last = self._last_ns.get(triplet)
        if last is not None and now_ns - last <= self.lifetime_ns:
            self._last_ns[triplet] = now_ns
            return None
        first = self._first_ns.setdefault(triplet, now_ns)
        if now_ns - first > self.retry_window_ns:
            first = self._first_ns[triplet] = now_ns
        if now_ns - first >= self.delay_ns:
            del self._first_ns[triplet]
            self._last_ns[triplet] = now_ns
            return None
        wait = format_duration(self.delay_ns - (now_ns - first))
        text = f"<{seen.recipient}>: Recipient address rejected: Greylisted, try again in {wait}"
        return Reply(450, (text,), "4.7.1")


def _network(address: str) -> str:
    """Return the first half of an IPv6 address, the first three quarters of any other."""
    if ":" in address:
        return IPv6Address(address).exploded[:19]
    return address.rpartition(".")[0]
