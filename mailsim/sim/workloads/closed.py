"""A few people who each wait for what became of a message before they write the next."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from mailsim.mta.policies._durations import Draw, duration_of
from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.sim.workloads._gaps import mean_ns, positive

__all__ = ["Closed"]

_EXAMPLE = "{people: 8, think: {exponential: {mean: 1s}}}"


@workload("closed")
class Closed(Workload):
    """Let each of a number of people write, wait for the reply, think, and write again.

    A slow server slows them down, so it never has more than so many to serve: what a load
    generator with a fixed number of threads does, and what people do who wait for the program.

    Source: J. P. Buzen and P. J. Denning, "The operational analysis of queueing network models",
    Computing Surveys 10 (1978): interactive systems, think time.

    Example::

        closed: {people: 8, think: {exponential: {mean: 1s}}}

    Parameters
    ----------
    people : int
        At least 1.
    think : callable
        Gives how long one of them pauses before a message (ns), from a uniform variate.
    """

    def __init__(self, people: int, think: Draw) -> None:
        self.people = people
        self._think = think

    @classmethod
    def from_options(cls, options: object) -> Closed:
        """Return the workload for ``{people: n, think: duration}``."""
        if not isinstance(options, dict) or set(options) != {"people", "think"}:
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        people = options["people"]
        if not isinstance(people, int) or isinstance(people, bool) or people < 1:
            raise ValueError(f"people: expected a whole number of at least 1, got {people!r}")
        return cls(people, positive("think", duration_of(options["think"]), options["think"]))

    def pause_ns(self, draws: Draws) -> int:
        """Return how long one of them thinks."""
        return self._think(draws.uniform())

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which messages would fall due, were each over at once (ns)."""
        waiting = [(self.pause_ns(draws), i) for i in range(self.people)]
        heapq.heapify(waiting)
        while True:
            now, i = waiting[0]
            yield now
            heapq.heapreplace(waiting, (now + self.pause_ns(draws), i))

    def expected(self, duration_ns: int) -> float:
        """Return how many messages there would be, were each over at once: the most."""
        return self.people * duration_ns / mean_ns(self._think)
