"""How much a receiver takes from an address, by what that address has sent before.

An address has a quota of messages in a period.  A period of good volume raises it, one with many
complaints lowers it: so a new address is warmed up, and a bad one is slowed down.
"""

from __future__ import annotations

__all__ = ["Reputation"]


class _Standing:
    """What is known of one address."""

    __slots__ = ("began_ns", "complaints", "n", "quota")

    def __init__(self, quota: int, began_ns: int) -> None:
        self.quota = quota
        self.began_ns = began_ns
        self.n = 0
        self.complaints = 0.0


class Reputation:
    """Quotas by address.

    Periods follow one another from an address's first message on.  After one in which at least
    half of the quota was used, a share of complaints below ``good`` multiplies the quota by
    ``growth``; from ``bad`` on it is multiplied by ``fall``, however little was sent; between
    them, and after a period of little mail, it stays.

    Source: doubling each day from 50 messages on is how new addresses are warmed up (KumoMTA
    ``warmup.toml``, schedule ``conservative``); that a receiver's own rule has the same form is
    an assumption, as receivers do not publish theirs.

    Parameters
    ----------
    first, full : int
        Quota of an address that is new, and the largest one; messages in a period.
    period_ns : int
    growth, fall : float
        Factors: at least 1, and at most 1.
    good, bad : float
        Shares of complaints, ``good`` not above ``bad``.
    """

    def __init__(
        self,
        first: int,
        full: int,
        period_ns: int,
        growth: float,
        fall: float,
        good: float,
        bad: float,
    ) -> None:
        self._first = first
        self._full = full
        self._period_ns = period_ns
        self._growth = growth
        self._fall = fall
        self._good = good
        self._bad = bad
        self._standings: dict[str, _Standing] = {}

    def meet(self, address: str, now_ns: int, *, is_new: bool) -> None:
        """Hear of an address; the first time decides where its quota begins."""
        if address not in self._standings:
            quota = self._first if is_new else self._full
            self._standings[address] = _Standing(quota, now_ns)

    def quota(self, address: str, now_ns: int) -> int:
        """Return the quota of an address that was met."""
        return self._at(address, now_ns).quota

    def left(self, address: str, now_ns: int) -> int:
        """Return how many messages an address that was met may still send in its period."""
        standing = self._at(address, now_ns)
        return standing.quota - standing.n

    def took(self, address: str, now_ns: int, complaints: float) -> None:
        """Count a message that was taken of an address that was met.

        Parameters
        ----------
        address : str
        now_ns : int
        complaints : float
            How many complaints are to be expected of it: their share.
        """
        standing = self._at(address, now_ns)
        standing.n += 1
        standing.complaints += complaints

    def _at(self, address: str, now_ns: int) -> _Standing:
        standing = self._standings[address]
        elapsed_ns = now_ns - standing.began_ns
        if elapsed_ns < self._period_ns:
            return standing
        if standing.n:
            share = standing.complaints / standing.n
            if share >= self._bad:
                standing.quota = max(1, int(standing.quota * self._fall))
            elif share < self._good and 2 * standing.n >= standing.quota:
                standing.quota = min(self._full, int(standing.quota * self._growth))
        standing.began_ns += elapsed_ns // self._period_ns * self._period_ns
        standing.n = 0
        standing.complaints = 0.0
        return standing
