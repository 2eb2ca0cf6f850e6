"""Messages whose gaps are independent of each other: evener than chance, or less so."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.mta.policies._durations import Draw, duration_of
from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.sim.workloads._gaps import mean_ns, positive

__all__ = ["Renewal"]


@workload("renewal")
class Renewal(Workload):
    """Let messages fall due with gaps that are drawn from one distribution, each by itself.

    Source: the GI of GI/G/1 (D. G. Kendall, Annals of Mathematical Statistics 24 (1953)).  Weibull
    with a shape below 1 is what Feldmann found of the gaps between connections that begin
    ("Characteristics of TCP connection arrivals", 2000).

    Example::

        renewal: {weibull: {mean: 143ms, shape: 0.7}}

    Parameters
    ----------
    gap : callable
        Gives a gap (ns) from a uniform variate.
    """

    def __init__(self, gap: Draw) -> None:
        self._gap = gap

    @classmethod
    def from_options(cls, options: object) -> Renewal:
        """Return the workload for a distribution such as ``{exponential: {mean: 2s}}``."""
        return cls(positive("gap", duration_of(options), options))

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns), without end."""
        now = 0
        while True:
            now += self._gap(draws.uniform())
            yield now

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length, about."""
        return duration_ns / mean_ns(self._gap)
