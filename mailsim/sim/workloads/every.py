"""Messages at fixed intervals: a monitor, a sensor, a test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.units import parse_duration

__all__ = ["Every"]


@workload("every")
class Every(Workload):
    """Let a message fall due at the start and then at every interval.

    Source: deterministic arrivals, the D of D/M/1 (Kendall 1953).

    Example::

        every: 10s

    Parameters
    ----------
    interval_ns : int
        Above 0.
    """

    def __init__(self, interval_ns: int) -> None:
        self.interval_ns = interval_ns

    @classmethod
    def from_options(cls, options: object) -> Every:
        """Return the workload for an interval such as ``10s``."""
        interval = parse_duration(options)
        if interval <= 0:
            raise ValueError(f"expected an interval above 0, got {options!r}")
        return cls(interval)

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns), without end."""
        return count(0, self.interval_ns)

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length."""
        return float(-(-duration_ns // self.interval_ns))
