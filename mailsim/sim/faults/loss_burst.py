"""A link that loses packets for a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.options import options_of
from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import Links
from mailsim.units import parse_share

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["LossBurst"]

_EXAMPLE = "{between: [host, host], loss: 5%}"


@fault("loss_burst")
class LossBurst(Fault):
    """Let a link, or all links of a node, lose a share of the packets that it would carry.

    Source: losses come in bursts: Paxson, End-to-End Internet Packet Dynamics, SIGCOMM 1997,
    section 6; that they are independent within one is an assumption.

    Example::

        loss_burst: {between: [ix, mx.example.net], loss: 5%}
        at: 10s
        for: 30s

    Parameters
    ----------
    links : Links
    loss : float
        A fraction, above 0 and below 1.
    """

    def __init__(self, links: Links, loss: float) -> None:
        self.links = links
        self.loss = loss

    @classmethod
    def from_options(cls, options: object) -> LossBurst:
        """Return the fault for ``{between: ..., loss: ...}``."""
        known = {"between": Links.parse, "loss": _loss}
        found = options_of("loss_burst", options, known, _EXAMPLE)
        if set(found) != set(known):
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        return cls(found["between"], found["loss"])

    def targets(self) -> Iterable[Target]:
        """Return the link, or the node."""
        return (self.links.target(),)

    def begin(self, world: World) -> None:
        """Lose packets."""
        world.link_changes.lay(self.links.of(world.network), "loss", self._change)

    def end(self, world: World) -> None:
        """Lose as few as otherwise."""
        world.link_changes.lift(self.links.of(world.network), "loss", self._change)

    def _change(self, loss: float) -> float:
        return 1 - (1 - loss) * (1 - self.loss)


def _loss(value: object) -> float:
    loss = parse_share(value)
    if not 0 < loss < 1:
        raise ValueError(f"expected a share above 0% and below 100%, got {value!r}")
    return loss
