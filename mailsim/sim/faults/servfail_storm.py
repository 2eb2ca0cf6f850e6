"""A name server that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.sim.faults import fault
from mailsim.sim.faults._of_host import HostFault

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["ServfailStorm"]


@fault("servfail_storm")
class ServfailStorm(HostFault):
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

    kind = "name server"

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
