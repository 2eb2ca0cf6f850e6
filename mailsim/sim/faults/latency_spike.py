"""A link that takes longer for a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.options import options_of
from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import Links
from mailsim.units import parse_duration

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["LatencySpike"]

_EXAMPLE = "{between: [host, host], add: 200ms}"


@fault("latency_spike")
class LatencySpike(Fault):
    """Add to the latency of a link, or of all links of a node; traffic may take another way.

    Source: queueing and detours show as spikes of delay that last minutes (Markopoulou, Tobagi
    and Karam, Assessment of VoIP quality over Internet backbones, INFOCOM 2002).

    Example::

        latency_spike: {between: [ix, mx.example.net], add: 200ms}
        at: 10s
        for: 20s

    Parameters
    ----------
    links : Links
    added_ns : int
        One way, above 0.
    """

    def __init__(self, links: Links, added_ns: int) -> None:
        self.links = links
        self.added_ns = added_ns

    @classmethod
    def from_options(cls, options: object) -> LatencySpike:
        """Return the fault for ``{between: ..., add: ...}``."""
        known = {"between": Links.parse, "add": parse_duration}
        found = options_of("latency_spike", options, known, _EXAMPLE)
        if set(found) != set(known):
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        if found["add"] <= 0:
            raise ValueError(f"add: expected a latency above 0s, got {options['add']!r}")  # type: ignore[index]
        return cls(found["between"], found["add"])

    def targets(self) -> Iterable[Target]:
        """Return the link, or the node."""
        return (self.links.target(),)

    def begin(self, world: World) -> None:
        """Make it longer."""
        self._add(world, self.added_ns)

    def end(self, world: World) -> None:
        """Make it as long as it would be otherwise."""
        self._add(world, -self.added_ns)

    def _add(self, world: World, ns: int) -> None:
        network = world.network
        for a, b in self.links.of(network):
            network.set_link(a, b, latency_ns=network.figures(a, b)["latency_ns"] + ns)
