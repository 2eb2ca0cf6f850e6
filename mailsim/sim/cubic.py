"""TCP with CUBIC instead of Reno: faster where loss is rare and the round trip long."""

from __future__ import annotations

from collections.abc import Callable

from mailsim.sim.clock import SECOND
from mailsim.sim.loss import LossySender

__all__ = ["CubicSender"]

_C = 0.4
"""Segments/s^3: RFC 9438 section 5.1."""
_BETA = 0.7
"""What of the window a loss leaves: RFC 9438 section 4.6."""
_ALPHA = 3 * (1 - _BETA) / (1 + _BETA)
"""Segments a round by which a sender with that beta is as fast as Reno: section 4.3."""


class CubicSender(LossySender):
    """One side of a connection whose window grows with the time since the last loss.

    After a loss the window is 0.7 of what it was, and comes back to that along a cube, slowly
    around it and faster beyond (RFC 9438 section 4.2); it is at least what Reno would have (4.3).
    Who is shrinking leaves more to others (fast convergence, 4.7).  What a loss is, and how it
    shows, is that of the base.  Time is counted in round trips, so it stands still while a link
    is busy for longer with a window.

    Growth is by segments acknowledged, so that acknowledgments may be delayed; slow start is
    that of the base, without HyStart++ (RFC 9406).

    Source: RFC 9438; its long-run throughput is that of section 5.1, within 20 %.

    Parameters
    ----------
    rtt_ns, bit_s, loss, uniform, acked_each
        As of the base.
    """

    __slots__ = ("_before", "_in_epoch", "_origin_s", "_peak", "_reno", "_round_s", "_since_s")

    def __init__(
        self,
        rtt_ns: int,
        bit_s: int,
        loss: float,
        uniform: Callable[[], float],
        acked_each: int = 1,
    ) -> None:
        super().__init__(rtt_ns, bit_s, loss, uniform, acked_each)
        self._round_s = self._first_ack_ns / SECOND
        self._in_epoch = False
        self._since_s = 0.0  # since this stage of congestion avoidance began
        self._origin_s = 0.0  # when the cube is flat: K of the RFC
        self._peak = 0.0  # where it is: W_max
        self._before = 0.0  # window at the last loss: cwnd_prior
        self._reno = 0.0  # window that Reno would have: W_est

    def _avoid(self, n: int) -> None:
        window = self._window
        if not self._in_epoch:
            self._in_epoch = True
            self._since_s, self._reno = 0.0, window
            self._peak = max(self._peak, window)
            self._origin_s = float(((self._peak - window) / _C) ** (1 / 3))
        self._since_s += self._round_s
        after_s = self._since_s - self._origin_s
        cube = _C * after_s * after_s * after_s + self._peak
        self._reno += (1.0 if self._reno >= self._before else _ALPHA) * n / window
        self._window = max(min(max(cube, window), 1.5 * window), self._reno)

    def _reduce(self, window: int, *, is_timeout: bool) -> None:
        had = self._window
        self._threshold = max(_BETA * had, 2.0)
        self._before = had
        if is_timeout:  # section 4.8: the next stage begins in the flat of the cube
            self._peak = 0.0
        else:
            self._peak = had * (1 + _BETA) / 2 if had < self._peak else had
        self._in_epoch = False
