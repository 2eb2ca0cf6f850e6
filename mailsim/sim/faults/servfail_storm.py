"""A name server that fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import name_of

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["ServfailStorm"]


@fault("servfail_storm")
class ServfailStorm(Fault):
    """Let the name server of a host answer SERVFAIL to everything.

    Source: RFC 1035 section 4.1.1, RCODE 2; RFC 2308 section 7 and RFC 9520 (how long resolvers
    keep a failure).

    Example::

        servfail_storm: ns.example.org
        at: 10s
        for: 30s

    Parameters
    ----------
    host : str
    """

    def __init__(self, host: str) -> None:
        self.host = host

    @classmethod
    def from_options(cls, options: object) -> ServfailStorm:
        """Return the fault for the name of a host."""
        return cls(name_of(options))

    def targets(self) -> Iterable[Target]:
        """Return the host."""
        return (Target("name server", (self.host,)),)

    def begin(self, world: World) -> None:
        """Fail."""
        self._add(world, 1)

    def end(self, world: World) -> None:
        """Answer again."""
        self._add(world, -1)

    def _add(self, world: World, n: int) -> None:
        machine = world.machines[self.host]
        machine.n_failing += n
        world.name_servers[self.host].is_failing = machine.n_failing > 0
