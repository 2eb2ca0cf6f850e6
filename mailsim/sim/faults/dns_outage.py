"""A name server that does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.sim.faults import fault
from mailsim.sim.faults._of_host import HostFault

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["DnsOutage"]


@fault("dns_outage")
class DnsOutage(HostFault):
    """Let the name server of a host be silent; the host itself and its links are well.

    Resolvers go on with what they have cached.

    Source: RFC 1035 section 4.2.1 (time-outs and retries); the attack on Dyn of 21 October 2016, in
    which caches kept names alive: Moura et al., When the Dike Breaks, IMC 2018.

    Example::

        dns_outage: ns.example.org
        at: 10s
        for: 30s

    Parameters
    ----------
    host : str
    """

    kind = "name server"

    def begin(self, world: World) -> None:
        """Fall silent."""
        self._add(world, 1)

    def end(self, world: World) -> None:
        """Answer again."""
        self._add(world, -1)

    def _add(self, world: World, n: int) -> None:
        machine = world.machines[self.host]
        machine.n_silent += n
        world.name_servers[self.host].is_down = machine.n_silent > 0
