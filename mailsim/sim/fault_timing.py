"""When a fault begins and ends: once, at regular times, or at random."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simpy import Event

    from mailsim.sim.faults import Fault
    from mailsim.sim.streams import Draws
    from mailsim.sim.world import World

__all__ = ["Timing", "run_fault"]


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of a fault (ns).

    With ``mtbf_ns`` it is an alternating renewal process: operating times and repair times are
    exponential, so that its share of the time is in the long run
    ``mttr_ns / (mtbf_ns + mttr_ns)`` (Barlow and Proschan, Mathematical Theory of Reliability,
    1965, chapter 3).  The mean time between failures is the mean *operating* time between them
    (IEC 60050-192).

    Attributes
    ----------
    at_ns : int
        Its first beginning; at random: when the first operating time begins.
    for_ns : int or None
        How long it lasts; None for without end.
    every_ns : int or None
        From one beginning to the next; None for once.
    mtbf_ns, mttr_ns : int or None
        Mean operating time between failures, and mean time to repair.
    """

    at_ns: int = 0
    for_ns: int | None = None
    every_ns: int | None = None
    mtbf_ns: int | None = None
    mttr_ns: int | None = None

    def periods(self, draws: Draws) -> Iterator[tuple[int, int | None]]:
        """Iterate over beginnings and ends, in order; None for no end."""
        now = self.at_ns
        if self.mtbf_ns is not None and self.mttr_ns is not None:
            while True:
                began = now + round(draws.exponential() * self.mtbf_ns)
                now = began + round(draws.exponential() * self.mttr_ns)
                yield began, now
        elif self.for_ns is None:
            yield now, None
        elif self.every_ns is None:
            yield now, now + self.for_ns
        else:
            for began in count(now, self.every_ns):
                yield began, began + self.for_ns


def run_fault(
    world: World, name: str, fault: Fault, timing: Timing, draws: Draws
) -> Generator[Event, Any, None]:
    """Let a fault begin and end: its process, to be started before all others.

    At equal times the process with the lower number comes first: what happens at the moment of
    a fault meets it.
    """
    number = world.next_number()
    target = ", ".join(map(str, fault.targets()))
    for began, ended in timing.periods(draws):
        yield world.at(began, number)
        world.log.faults.append((began, ended, name, target))
        fault.begin(world)
        if ended is None:
            return
        yield world.at(ended, number)
        fault.end(world)
