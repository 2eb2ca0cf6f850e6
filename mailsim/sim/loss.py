"""TCP where segments are lost: Reno with selective acknowledgments, round by round."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mailsim.sim.tcp import INITIAL_WINDOW, MSS, RTO, transmission_ns

__all__ = ["LossySender", "Round"]

_NEVER = 1 << 62
_LONGEST_RTO = 60 * RTO
"""RFC 6298 section 2.5."""


class Round(NamedTuple):
    """What a sender sends before it waits for acknowledgments.

    Attributes
    ----------
    size_bytes : int
    least_ns : int
        The next round begins so long after this one began, or when this one has left.
    is_last : bool
        Whether all has arrived with it.
    """

    size_bytes: int
    least_ns: int
    is_last: bool


class LossySender:
    """One side of a connection over a path that may lose segments.

    Each segment is lost independently of the others.  What is lost goes again in the next round.
    Three later segments that arrive show it (fast retransmit, RFC 5681 section 3.2, with SACK,
    RFC 6675): then the window is halved, and does not grow in the next round.  If fewer come after
    it, or it is lost once more, a timeout shows it (RFC 6298): then the window is one segment, and
    each further timeout is twice as long.  Below the threshold the window grows by a segment for
    each acknowledgment, above it by one over the window.
    Acknowledgments are not lost, as later ones say the same.  Where they are delayed, one is for
    two segments, but for one that fills a gap at once (RFC 5681 section 4.2): so none waits for
    the timer of RFC 9293, as a window of one segment is one that is sent again.

    Source: the rules above; its long-run throughput is that of M. Mathis, J. Semke, J. Mahdavi and
    T. Ott, "The macroscopic behavior of the TCP congestion avoidance algorithm", ACM CCR 27
    (1997), and its transfer times those of N. Cardwell, S. Savage and T. Anderson, "Modeling TCP
    latency", INFOCOM 2000, within the tolerances that these models have.

    Parameters
    ----------
    rtt_ns : int
    bit_s : int
        Bandwidth; 0 for no limit.
    loss : float
        Share of segments that are lost, below 1.
    uniform : callable
        Gives numbers uniform in [0, 1).
    acked_each : int
        Segments that an acknowledgment is for.
    """

    __slots__ = (
        "_acked_each", "_first_ack_ns", "_good", "_idle_from_ns", "_log_good", "_rto_ns",
        "_threshold", "_uniform", "_window",
    )  # fmt: skip

    def __init__(
        self,
        rtt_ns: int,
        bit_s: int,
        loss: float,
        uniform: Callable[[], float],
        acked_each: int = 1,
    ) -> None:
        self._acked_each = acked_each
        self._first_ack_ns = rtt_ns + transmission_ns(acked_each * MSS, bit_s)
        self._rto_ns = max(RTO, rtt_ns)
        self._log_good = math.log1p(-loss)
        self._uniform = uniform
        self._window = float(INITIAL_WINDOW // MSS)
        self._threshold = math.inf
        self._idle_from_ns = 0
        self._good = -1  # segments that arrive before the next one is lost; not drawn yet

    def rounds(self, size_bytes: int) -> Iterator[Round]:
        """Iterate over the rounds in which a flight is sent."""
        rest = max(1, -(-size_bytes // MSS))
        timeout_ns = self._rto_ns
        again = 0  # of the round, so many are sent for the second time
        while True:
            window = int(self._window)
            n = min(window, rest)
            octets = min(n * MSS, size_bytes)
            first, n_lost = self._lost(n)
            rest -= n - n_lost
            if not n_lost:
                timeout_ns = self._rto_ns
                if n == window and not again:
                    self._grow(n)
                again = 0
                yield Round(octets, self._first_ack_ns, is_last=not rest)
                if not rest:
                    return
                continue
            n_after = n - first - n_lost + min(first, rest - n_lost)
            if n_after >= 3 and first >= again:
                self._reduce(window, is_timeout=False)
                self._window, again = self._threshold, n_lost
                yield Round(octets, self._first_ack_ns, is_last=False)
                continue
            self._reduce(window, is_timeout=True)
            self._window, again = 1.0, 0
            least_ns = timeout_ns + (self._first_ack_ns if n > n_lost else 0)
            timeout_ns = min(2 * timeout_ns, _LONGEST_RTO)
            yield Round(octets, least_ns, is_last=False)

    def rest(self, t: int) -> None:
        """Say that all has been sent and answered at ``t`` (ns)."""
        self._idle_from_ns = t

    def resume(self, t: int) -> None:
        """Say that more is going to be sent from ``t`` on: idle for long, it begins again."""
        if t - self._idle_from_ns > self._rto_ns:
            self._window = min(self._window, float(INITIAL_WINDOW // MSS))

    def is_unlimited_by(self, bit_s: int) -> bool:
        """Tell whether the window keeps a pipe of that bandwidth full from now on."""
        busy_ns = transmission_ns(int(self._window) * MSS, bit_s)
        return not self._log_good and busy_ns >= self._first_ack_ns

    def _grow(self, n: int) -> None:
        """Take the acknowledgments of a window of ``n`` segments."""
        if self._window < self._threshold:
            n_acks = -(-n // self._acked_each)
            self._window = min(self._window + n_acks, max(self._threshold, n + 1.0))
        else:
            self._avoid(n)

    def _avoid(self, n: int) -> None:
        """Grow by 1/window for each acknowledgment (RFC 5681 section 3.1), a round of them."""
        self._window = math.sqrt(self._window * (self._window + 2.0 / self._acked_each))

    def _reduce(self, window: int, *, is_timeout: bool) -> None:
        """Set the threshold after a loss."""
        self._threshold = max(window / 2, 2.0)

    def _lost(self, n: int) -> tuple[int, int]:
        """Return which of ``n`` segments is lost first, and how many are."""
        at = self._good if self._good >= 0 else self._next_good()
        if at >= n:
            self._good = at - n
            return n, 0
        first, n_lost = at, 0
        while at < n:
            n_lost += 1
            at += 1 + self._next_good()
        self._good = at - n
        return first, n_lost

    def _next_good(self) -> int:
        """Draw from the geometric distribution, by inversion."""
        if not self._log_good:
            return _NEVER
        return int(math.log(1 - self._uniform()) / self._log_good)
