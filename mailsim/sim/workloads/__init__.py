"""Workloads: when messages fall due.  One file, one registered class each."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.registry import Room
from mailsim.sim.streams import Draws

__all__ = ["Workload", "workload", "workloads"]


class Workload:
    """What all workloads share.

    Attributes
    ----------
    is_bulk : bool
        Whether a program sends the messages, through an outbox and a few connections, rather
        than people who each open their own.
    """

    is_bulk = False

    @classmethod
    def from_options(cls, options: object) -> Workload:
        """Return the workload that a scenario describes.

        Raises
        ------
        ValueError
            If the options are not what the workload takes; says what was expected.
        """
        raise NotImplementedError

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns), in order."""
        raise NotImplementedError

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length."""
        raise NotImplementedError


workloads: Room[Workload] = Room("workload", "mailsim.sim.workloads", Workload)
workload = workloads.register
