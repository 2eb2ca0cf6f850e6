"""Greylisting: refuse a new correspondent for a while, and see whether it comes back."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from mailsim.mta.policies import Policy, Seen, policy
from mailsim.mta.policies._options import count_of, flag_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import format_duration, parse_duration

__all__ = ["Greylist"]

_DAY = 86_400_000_000_000
_HOUR = _DAY // 24
_DURATIONS = {"delay": "300s", "retry_window": "2d", "lifetime": "35d"}
_EXAMPLE = "{delay: 5min, retry_window: 2d, lifetime: 35d}"


@policy("greylist")
class Greylist(Policy):
    """Answer 450 to an unknown triplet until ``delay`` has passed since its first try.

    The triplet is the client's network (/24, of IPv6 /64), the sender and the recipient.  A
    first try is forgotten after ``retry_window``: who comes back later is new again.  A triplet
    that passed is known for ``lifetime`` from its last mail, or with ``renew: false`` from when
    it passed.  Authenticated clients are exempt.  After ``whitelist_after`` triplets have passed,
    of which one an hour counts, a client's address is exempt, for ``lifetime`` from its last mail.

    Source: RFC 6647 sections 2.4 and 5; postgrey 1.37, ``--delay`` 300 s, ``--retry-window``
    2 days, ``--max-age`` 35 days, ``--ipv4cidr`` 24, ``--ipv6cidr`` 64, and
    ``--auto-whitelist-clients``, which is 5 there and off here unless said.  What it does to
    senders with numbers or extensions is not modelled.

    Example::

        greylist: {delay: 5min, retry_window: 2d, lifetime: 35d, whitelist_after: 5}

    Parameters
    ----------
    delay_ns : int
        How long a new triplet is refused.
    lifetime_ns : int
        How long a known triplet stays known after its last mail.
    retry_window_ns : int
        How long a first try is remembered; above ``delay_ns``.
    whitelist_after : int
        Triplets that must pass before their client is exempt; 0 for none is ever.
    ipv4_prefix : int
        Bits of an IPv4 address that tell networks apart, 1 to 32.
    is_renewed : bool
        Whether mail renews the lifetime.
    """

    is_shared = True

    def __init__(
        self,
        delay_ns: int,
        lifetime_ns: int = 35 * _DAY,
        retry_window_ns: int = 2 * _DAY,
        *,
        whitelist_after: int = 0,
        ipv4_prefix: int = 24,
        is_renewed: bool = True,
    ) -> None:
        self.delay_ns = delay_ns
        self.lifetime_ns = lifetime_ns
        self.retry_window_ns = retry_window_ns
        self.whitelist_after = whitelist_after
        self.ipv4_prefix = ipv4_prefix
        self.is_renewed = is_renewed
        self._first_ns: dict[tuple[str, str, str], int] = {}
        self._last_ns: dict[tuple[str, str, str], int] = {}
        self._passed: dict[str, tuple[int, int]] = {}

    @classmethod
    def from_options(cls, options: object) -> Greylist:
        """Return the policy for ``{delay: ..., retry_window: ..., lifetime: ..., ...}``.

        Each may be left out.
        """
        known = {
            **dict.fromkeys(_DURATIONS, parse_duration),
            "whitelist_after": count_of,
            "ipv4_prefix": _prefix,
            "renew": flag_of,
        }
        given = options_of("greylist", options, known, _EXAMPLE)
        delay, window, lifetime = (
            given.get(name, parse_duration(usual)) for name, usual in _DURATIONS.items()
        )
        if window <= delay:
            raise ValueError(
                f"greylist: expected a retry_window above the delay of {format_duration(delay)},"
                f" got {format_duration(window)}: nobody would ever pass"
            )
        return cls(
            delay,
            lifetime,
            window,
            whitelist_after=given.get("whitelist_after", 0),
            ipv4_prefix=given.get("ipv4_prefix", 24),
            is_renewed=given.get("renew", True),
        )

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a triplet that is new."""
        if seen.user or (self.whitelist_after and self._is_white(seen.address, now_ns)):
            return None
        triplet = (self._network(seen.address), seen.sender, seen.recipient)
        last = self._last_ns.get(triplet)
        if last is not None and now_ns - last <= self.lifetime_ns:
            if self.is_renewed:
                self._last_ns[triplet] = now_ns
            return None
        first = self._first_ns.setdefault(triplet, now_ns)
        if now_ns - first > self.retry_window_ns:
            first = self._first_ns[triplet] = now_ns
        if now_ns - first >= self.delay_ns:
            del self._first_ns[triplet]
            self._last_ns[triplet] = now_ns
            if self.whitelist_after:
                self._count(seen.address, now_ns)
            return None
        wait = format_duration(self.delay_ns - (now_ns - first))
        text = f"<{seen.recipient}>: Recipient address rejected: Greylisted, try again in {wait}"
        return Reply(450, (text,), "4.7.1")

    def _is_white(self, address: str, now_ns: int) -> bool:
        n, last = self._passed.get(address, (0, now_ns))
        if n < self.whitelist_after or now_ns - last > self.lifetime_ns:
            return False
        self._passed[address] = (n, now_ns)
        return True

    def _count(self, address: str, now_ns: int) -> None:
        """Count a triplet that has passed, if none has within the hour before."""
        n, last = self._passed.get(address, (0, now_ns - _HOUR))
        if now_ns - last > self.lifetime_ns:
            n = 0
        if now_ns - last >= _HOUR:
            self._passed[address] = (n + 1, now_ns)

    def _network(self, address: str) -> str:
        """Return the first half of an IPv6 address, and as much as is said of any other."""
        if ":" in address:
            return IPv6Address(address).exploded[:19]
        if self.ipv4_prefix == 24:
            return address.rpartition(".")[0]
        return str(int(IPv4Address(address)) >> (32 - self.ipv4_prefix))


def _prefix(value: object) -> int:
    bits = count_of(value)
    if not 1 <= bits <= 32:
        raise ValueError(f"expected 1 to 32 bits, got {bits}")
    return bits
