"""Synchronisation points: the only moments at which a process of ours meets the others.

Time is a whole number of nanoseconds, so sums are exact.  SimPy breaks ties by the order in
which events were scheduled, which depends on how many events a process needs on its way; a
synchronisation point breaks them by the number of its process instead, which does not.
"""

from __future__ import annotations

from heapq import heappush
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from simpy import Environment, Event

__all__ = ["SECOND", "Clock", "OpenPoint", "SyncPoint"]

SECOND = 1_000_000_000


class Clock(Environment):
    """SimPy's environment, whose time is a whole number of nanoseconds here."""

    if TYPE_CHECKING:

        @property
        def now(self) -> int:
            """Nanoseconds since the start of the run."""
    else:
        now = property(attrgetter("_now"))  # half the time of SimPy's property, in Python

    def advance(self, until_ns: int, most: int) -> None:
        """Go on until a time, as ``run`` does, or for a number of events if that is earlier.

        Parameters
        ----------
        until_ns : int
            What happens then does not happen yet.
        most : int
            Events.
        """
        queue = self._queue
        for _ in range(most):
            if not queue or queue[0][0] >= until_ns:
                self._now = until_ns
                break
            self.step()


class SyncPoint(Event):
    """An event at a given time; equal times come in the order of the processes' numbers.

    Parameters
    ----------
    env : Clock
    at_ns : int
        When, in nanoseconds since the start of the run; not before now.
    number : int
        Number of the process that waits, at least 2: SimPy's own events go first.

    Raises
    ------
    ValueError
        If ``at_ns`` is past: time would run backwards for everybody.
    """

    def __init__(self, env: Clock, at_ns: int, number: int) -> None:
        if at_ns < env._now:
            raise ValueError(f"process {number} wants to be at {at_ns} ns, but it is {env.now} ns")
        self.env = env
        self.callbacks = []
        self._ok = True
        self._value = None
        # What Environment.schedule does, without the sum of now and a delay, once per flight.
        heappush(env._queue, (at_ns, number, next(env._eid), self))  # type: ignore[misc]


class OpenPoint(Event):
    """A synchronisation point for which a process waits before anybody knows when it will be.

    Parameters
    ----------
    env : Clock
    number : int
        Number of the process that waits.

    Attributes
    ----------
    number : int
        As given.
    """

    def __init__(self, env: Clock, number: int) -> None:
        super().__init__(env)
        self.number = number

    def fix(self, at_ns: int, value: Any) -> None:
        """Say when it will be and what the process gets then.

        Raises
        ------
        ValueError
            If ``at_ns`` is past.
        """
        env: Any = self.env
        if at_ns < env.now:
            raise ValueError(f"a point at {at_ns} ns is past, it is {env.now} ns")
        self._ok = True
        self._value = value
        heappush(env._queue, (at_ns, self.number, next(env._eid), self))
