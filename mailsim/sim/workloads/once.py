"""One message: to follow it on its way."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.units import parse_duration

__all__ = ["Once"]


@workload("once")
class Once(Workload):
    """Let a single message fall due at a given time.

    Source: a single test message, as swaks(1) sends it.

    Example::

        once: 5s

    Parameters
    ----------
    at_ns : int
        When, since the start of the run.
    """

    def __init__(self, at_ns: int) -> None:
        self.at_ns = at_ns

    @classmethod
    def from_options(cls, options: object) -> Once:
        """Return the workload for a time such as ``5s``."""
        at_ns = parse_duration(options)
        if at_ns < 0:
            raise ValueError(f"expected a time of 0 or later, got {options!r}")
        return cls(at_ns)

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns): one."""
        yield self.at_ns

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length."""
        return 1.0 if self.at_ns < duration_ns else 0.0
