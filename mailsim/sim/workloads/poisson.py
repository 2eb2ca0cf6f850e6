"""Messages at random: many people, each writing now and then."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.units import parse_rate

__all__ = ["Poisson"]


@workload("poisson")
class Poisson(Workload):
    """Let messages fall due in a Poisson process of a given rate.

    Source: the superposition of many independent senders tends to a Poisson process
    (Palm 1943, Khinchin 1960); spam arrivals measured by Gomes et al., Performance
    Evaluation 64 (2007), are close to it.

    Example::

        poisson: 120/min

    Parameters
    ----------
    rate_per_s : float
        Messages per second, above 0.
    """

    def __init__(self, rate_per_s: float) -> None:
        self.rate_per_s = rate_per_s

    @classmethod
    def from_options(cls, options: object) -> Poisson:
        """Return the workload for a rate such as ``120/min``."""
        rate = parse_rate(options)
        if rate <= 0:
            raise ValueError(f"expected a rate above 0, got {options!r}")
        return cls(rate)

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns), without end."""
        mean_ns = SECOND / self.rate_per_s
        now = 0
        while True:
            now += round(draws.exponential() * mean_ns)
            yield now

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length."""
        return self.rate_per_s * duration_ns / SECOND
