"""A link that is narrower for a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.options import options_of
from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import Links
from mailsim.units import parse_bandwidth

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["BandwidthCut"]

_EXAMPLE = "{between: [host, host], to: 1 Mbit/s}"


@fault("bandwidth_cut")
class BandwidthCut(Fault):
    """Let a link, or all links of a node, carry less.

    A link that is narrower anyway stays as it is.

    Source: one fibre of a bundle fails, or a backup line takes over: Gill, Jain and Nagappan,
    Understanding Network Failures in Data Centers, SIGCOMM 2011.

    Example::

        bandwidth_cut: {between: [ix, mx.example.net], to: 1 Mbit/s}
        at: 10s
        for: 30s

    Parameters
    ----------
    links : Links
    bit_s : int
        Of the link while it lasts, in bit/s, above 0.
    """

    def __init__(self, links: Links, bit_s: int) -> None:
        self.links = links
        self.bit_s = bit_s

    @classmethod
    def from_options(cls, options: object) -> BandwidthCut:
        """Return the fault for ``{between: ..., to: ...}``."""
        known = {"between": Links.parse, "to": _bandwidth}
        found = options_of("bandwidth_cut", options, known, _EXAMPLE)
        if set(found) != set(known):
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        return cls(found["between"], found["to"])

    def targets(self) -> Iterable[Target]:
        """Return the link, or the node."""
        return (self.links.target(),)

    def begin(self, world: World) -> None:
        """Make it narrow."""
        world.link_changes.lay(self.links.of(world.network), "bandwidth_bit_s", self._change)

    def end(self, world: World) -> None:
        """Make it as wide as otherwise."""
        world.link_changes.lift(self.links.of(world.network), "bandwidth_bit_s", self._change)

    def _change(self, bit_s: float) -> float:
        return min(bit_s, self.bit_s) if bit_s else self.bit_s  # 0 is no limit


def _bandwidth(value: object) -> int:
    bit_s = parse_bandwidth(value)
    if not bit_s:
        raise ValueError(f"expected a bandwidth such as 1 Mbit/s, got {value!r}")
    return bit_s
