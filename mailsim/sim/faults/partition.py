"""A network that falls into two parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.sim.faults import Fault, Target, fault

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["Partition"]


@fault("partition")
class Partition(Fault):
    """Cut all links between some nodes and the rest of the network.

    Within either part mail goes on.

    Source: Gilbert and Lynch, Brewer's conjecture, SIGACT News 33 (2002), section 2: in a
    partition all messages between the parts are lost.

    Example::

        partition: [mx.example.net]
        at: 10s
        for: 20s

    Parameters
    ----------
    nodes : tuple of str
        One part: hosts and nodes of the network.
    """

    def __init__(self, nodes: tuple[str, ...]) -> None:
        self.nodes = nodes

    @classmethod
    def from_options(cls, options: object) -> Partition:
        """Return the fault for a list of names."""
        if not (
            isinstance(options, list)
            and options
            and all(isinstance(name, str) and name for name in options)
        ):
            raise ValueError(f"expected a list of hosts, those of one part, got {options!r}")
        return cls(tuple(dict.fromkeys(options)))

    def targets(self) -> Iterable[Target]:
        """Return the nodes of the part."""
        return [Target("node", (name,)) for name in self.nodes]

    def begin(self, world: World) -> None:
        """Cut what joins the parts."""
        for a, b in self._cut(world):
            world.network.take_down(a, b)

    def end(self, world: World) -> None:
        """Join them again."""
        for a, b in self._cut(world):
            world.network.bring_up(a, b)

    def _cut(self, world: World) -> list[tuple[str, str]]:
        part = set(self.nodes)
        return [
            (a, b) for node in self.nodes for a, b in world.network.links_of(node) if b not in part
        ]
