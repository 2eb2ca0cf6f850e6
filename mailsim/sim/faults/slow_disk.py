"""A disk that is slow."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.options import options_of
from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import name_of
from mailsim.units import parse_duration

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["SlowDisk"]

_EXAMPLE = "{host: name, factor: 20} or {host: name, add: 200ms}"


@fault("slow_disk")
class SlowDisk(Fault):
    """Let a mail host need longer for each message before it says that it has taken it.

    That is where a server waits for its disk (fsync): its service time becomes ``factor`` times
    as long, and ``add`` more.  If that is longer than a client waits (10 minutes) the client
    gives up, the server takes the message all the same, and the client sends it again.

    Source: RFC 5321 section 4.5.3.2.6 (the wait after the final dot, and why it is long); fail-
    slow disks: Gunawi et al., Fail-Slow at Scale, USENIX FAST 2018.

    Example::

        slow_disk: {host: mx.example.net, factor: 20, add: 100ms}
        at: 10s
        for: 30s

    Parameters
    ----------
    host : str
    factor : float
        At least 1.
    added_ns : int
        For each message.
    """

    def __init__(self, host: str, factor: float = 1.0, added_ns: int = 0) -> None:
        self.host = host
        self.factor = factor
        self.added_ns = added_ns

    @classmethod
    def from_options(cls, options: object) -> SlowDisk:
        """Return the fault for ``{host: ..., factor: ..., add: ...}``, or one of the latter."""
        known = {"host": name_of, "factor": _factor, "add": parse_duration}
        found = options_of("slow_disk", options, known, _EXAMPLE)
        if "host" not in found or len(found) < 2:
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        return cls(found["host"], found.get("factor", 1.0), found.get("add", 0))

    def targets(self) -> Iterable[Target]:
        """Return the host."""
        return (Target("mail host", (self.host,)),)

    def begin(self, world: World) -> None:
        """Be slow, from the next message on that is complete."""
        machine = world.machines[self.host]
        machine.slowness.append(self.factor)
        machine.added_ns += self.added_ns

    def end(self, world: World) -> None:
        """Be as fast as otherwise."""
        machine = world.machines[self.host]
        machine.slowness.remove(self.factor)
        machine.added_ns -= self.added_ns


def _factor(value: object) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 1:  # type: ignore[arg-type,operator]
        raise ValueError(f"expected a number of at least 1, got {value!r}")
    return float(value)  # type: ignore[arg-type]
