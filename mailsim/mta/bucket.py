"""Token buckets and counting windows, one per key: an address, a network, a domain, a mailbox.

What limits a rate.  Theory: a bucket of ``burst`` tokens that fills at a rate admits at most
``burst + rate x t`` in any time ``t``.  It is kept as the moment at which it is full again (the
generic cell rate algorithm, ITU-T I.371 annex A): one whole number per key, and nothing rounds.
"""

from __future__ import annotations

__all__ = ["Buckets", "Windows"]

_FEWEST = 1024
"""Keys that are kept without a look at which are of no more use."""


class Buckets:
    """Token buckets of one size and rate, full at first.

    Parameters
    ----------
    rate_per_s : float
        Tokens that come in a second, above 0; rounded to whole nanoseconds for each.
    burst : int
        Tokens that it holds, at least 1.

    Attributes
    ----------
    interval_ns : int
        Time in which one token comes.
    burst : int

    Raises
    ------
    ValueError
        If nothing would ever be admitted.
    """

    def __init__(self, rate_per_s: float, burst: int) -> None:
        if rate_per_s <= 0 or burst < 1:
            raise ValueError(
                f"expected a rate above 0 and a burst of 1 or more, got {rate_per_s} and {burst}"
            )
        self.interval_ns = max(1, round(1e9 / rate_per_s))
        self.burst = burst
        self._full_ns: dict[str, int] = {}
        self._most = _FEWEST

    def level(self, key: str, now_ns: int) -> int:
        """Return the whole tokens that a key has."""
        lack_ns = max(0, self._full_ns.get(key, 0) - now_ns)
        return self.burst - -(-lack_ns // self.interval_ns)

    def has(self, key: str, now_ns: int, n: int = 1) -> bool:
        """Tell whether a key has ``n`` tokens."""
        lack_ns = max(0, self._full_ns.get(key, 0) - now_ns)
        return lack_ns + n * self.interval_ns <= self.burst * self.interval_ns

    def next_ns(self, key: str, now_ns: int) -> int:
        """Return when a key has a token, if none is taken until then; now, if it has one."""
        return max(now_ns, self._full_ns.get(key, 0) - (self.burst - 1) * self.interval_ns)

    def take(self, key: str, now_ns: int, n: int = 1) -> bool:
        """Take ``n`` tokens of a key; False, and nothing is taken, if it has fewer.

        Parameters
        ----------
        key : str
        now_ns : int
            Not before any earlier call's.
        n : int
            At least 1; more than ``burst`` there never are.
        """
        if not self.has(key, now_ns, n):
            return False
        full_ns = self._full_ns
        full_ns[key] = max(full_ns.get(key, 0), now_ns) + n * self.interval_ns
        if len(full_ns) > self._most:  # full ones are as good as new ones
            self._full_ns = {name: at_ns for name, at_ns in full_ns.items() if at_ns > now_ns}
            self._most = max(_FEWEST, 2 * len(self._full_ns))
        return True


class Windows:
    """Counts since a key's window began; it begins with what comes first after the last one.

    Source: Postfix ``anvil.c`` (``anvil_time_unit``): a count is begun anew by the first event
    that comes a period or more after the event that began the last one.

    Parameters
    ----------
    period_ns : int
        Length of a window, above 0.
    """

    def __init__(self, period_ns: int) -> None:
        self.period_ns = period_ns
        self._counts: dict[str, tuple[int, int]] = {}
        self._most = _FEWEST

    def count(self, key: str, now_ns: int) -> int:
        """Return what a key's window has."""
        began_ns, n = self._counts.get(key, (now_ns, 0))
        return n if now_ns - began_ns < self.period_ns else 0

    def add(self, key: str, now_ns: int, n: int = 1) -> int:
        """Count ``n`` more, and return what the window has then.

        Parameters
        ----------
        key : str
        now_ns : int
            Not before any earlier call's.
        n : int
        """
        counts, period_ns = self._counts, self.period_ns
        began_ns, before = counts.get(key, (now_ns, 0))
        if now_ns - began_ns >= period_ns:
            began_ns, before = now_ns, 0
        counts[key] = (began_ns, before + n)
        if len(counts) > self._most:  # those that are over are as good as none
            self._counts = {k: kept for k, kept in counts.items() if now_ns - kept[0] < period_ns}
            self._most = max(_FEWEST, 2 * len(self._counts))
        return before + n
