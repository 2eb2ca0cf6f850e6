"""Messages at random, at a rate that rises and falls with the time of day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, pi, sin

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.units import parse_duration, parse_rate

__all__ = ["Diurnal"]

_EXAMPLE = "{mean: 20/s, peak: 30/s, period: 24h, peak_at: 14h}"
_KEYS: dict[str, Callable[[object], float]] = {
    "mean": parse_rate,
    "peak": parse_rate,
    "period": parse_duration,
    "peak_at": parse_duration,
}


@workload("diurnal")
class Diurnal(Workload):
    """Let messages fall due in a Poisson process whose rate is a sine of the time.

    The rate swings about ``mean``, is ``peak`` at ``peak_at`` and each ``period`` before and
    after, and as far below the mean half a period later.  A period is a day unless said, and the
    peak is in its middle: noon, if the run begins at midnight.

    Source: the sinusoidal rate of S. G. Eick, W. A. Massey and W. Whitt, "M_t/G/inf queues with
    sinusoidal arrival rates", Management Science 39 (1993); drawn by thinning (P. A. W. Lewis and
    G. S. Shedler, Naval Research Logistics Quarterly 26 (1979)).  That people's mail swings with
    the day: Gomes et al., Performance Evaluation 64 (2007), whose spam hardly does.

    Example::

        diurnal: {mean: 20/s, peak: 30/s, peak_at: 14h}

    Parameters
    ----------
    mean_per_s : float
        Messages per second over a period, above 0.
    peak_per_s : float
        Of the busiest moment, from ``mean_per_s`` to twice as much: then nobody writes at the
        quietest.
    period_ns : int
        Above 0.
    peak_ns : int
        When one of the busiest moments is, since the start of the run.
    """

    def __init__(self, mean_per_s: float, peak_per_s: float, period_ns: int, peak_ns: int) -> None:
        self.mean_per_s = mean_per_s
        self.peak_per_s = peak_per_s
        self.period_ns = period_ns
        self.peak_ns = peak_ns

    @classmethod
    def from_options(cls, options: object) -> Diurnal:
        """Return the workload for ``{mean: ..., peak: ..., period: ..., peak_at: ...}``."""
        if not isinstance(options, dict) or not {"mean", "peak"} <= set(options) <= set(_KEYS):
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        given = {}
        for key, value in options.items():
            try:
                given[key] = _KEYS[key](value)
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from error
        mean, peak = given["mean"], given["peak"]
        if mean <= 0:
            raise ValueError(f"mean: expected a rate above 0, got {options['mean']!r}")
        if not mean <= peak <= 2 * mean:
            raise ValueError(
                f"peak: expected a rate from the mean of {options['mean']} to twice as much, "
                f"got {options['peak']!r}"
            )
        period_ns = int(given.get("period", parse_duration("24h")))
        if period_ns <= 0:
            raise ValueError(f"period: expected a duration above 0s, got {options['period']!r}")
        return cls(mean, peak, period_ns, int(given.get("peak_at", period_ns // 2)))

    def rate_per_s(self, at_ns: int) -> float:
        """Return the rate at a time."""
        swing = self.peak_per_s - self.mean_per_s
        return self.mean_per_s + swing * cos(self._angle(at_ns))

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns), without end."""
        peak, gap_ns = self.peak_per_s, SECOND / self.peak_per_s
        now = 0
        while True:
            now += round(draws.exponential() * gap_ns)
            if draws.uniform() * peak < self.rate_per_s(now):
                yield now

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length."""
        swing = self.peak_per_s - self.mean_per_s
        turned = sin(self._angle(duration_ns)) - sin(self._angle(0))
        swung = swing * turned * self.period_ns / (2 * pi)
        return (self.mean_per_s * duration_ns + swung) / SECOND

    def _angle(self, at_ns: int) -> float:
        """Return how far a time is from the peak, as an angle."""
        return 2 * pi * ((at_ns - self.peak_ns) % self.period_ns) / self.period_ns
