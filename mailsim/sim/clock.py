"""Synchronisation points: the only moments at which a process of ours meets the others.

Time is a whole number of nanoseconds, so sums are exact.  SimPy breaks ties by the order in
which events were scheduled, which depends on how many events a process needs on its way; a
synchronisation point breaks them by the number of its process instead, which does not.
"""

from __future__ import annotations

from simpy import Environment, Event
from simpy.events import EventPriority

__all__ = ["SECOND", "SyncPoint"]

SECOND = 1_000_000_000


class SyncPoint(Event):
    """An event at a given time; equal times come in the order of the processes' numbers.

    Parameters
    ----------
    env : simpy.Environment
    at_ns : int
        When, in nanoseconds since the start of the run; not before now.
    number : int
        Number of the process that waits, at least 2: SimPy's own events go first.
    """

    def __init__(self, env: Environment, at_ns: int, number: int) -> None:
        self.env = env
        self.callbacks = []
        self._ok = True
        self._value = None
        env.schedule(self, EventPriority(number), at_ns - env.now)
