"""A link that is cut."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import Links

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["LinkDown"]


@fault("link_down")
class LinkDown(Fault):
    """Cut a link, or all links of a node.

    Traffic takes another way where there is one; where there is none it vanishes, and TCP sends
    it again until the link is up or somebody gives up.

    Source: RFC 9293 section 3.8.3 (a connection outlives a path that fails for a while), RFC
    6298; causes and durations: Markopoulou et al., IEEE/ACM Trans. Networking 16 (2008).

    Example::

        link_down: [ix, mx.example.net]
        at: 10s
        for: 20s

    Parameters
    ----------
    links : Links
    """

    def __init__(self, links: Links) -> None:
        self.links = links

    @classmethod
    def from_options(cls, options: object) -> LinkDown:
        """Return the fault for ``[host, host]``, or for a host all of whose links it is."""
        return cls(Links.parse(options))

    def targets(self) -> Iterable[Target]:
        """Return the link, or the node."""
        return (self.links.target(),)

    def begin(self, world: World) -> None:
        """Take it down."""
        for a, b in self.links.of(world.network):
            world.network.take_down(a, b)

    def end(self, world: World) -> None:
        """Bring it up."""
        for a, b in self.links.of(world.network):
            world.network.bring_up(a, b)
