"""A link that goes down and up again and again."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from mailsim.options import options_of
from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import Links
from mailsim.units import SECOND, parse_duration

if TYPE_CHECKING:
    from simpy import Event

    from mailsim.sim.world import World

__all__ = ["Flapping"]

_EXAMPLE = "{between: [host, host], down: 1s, up: 9s}"


@fault("flapping")
class Flapping(Fault):
    """Let a link go down and up in turn, down first, as long as the fault lasts.

    Source: route flap damping exists because links do this, RFC 2439 section 1.  That paths are
    found anew at once, and routes are not damped, is an assumption.

    Example::

        flapping: {between: [ix, mx.example.net], down: 2s, up: 8s}
        at: 10s
        for: 30s

    Parameters
    ----------
    links : Links
    down_ns, up_ns : int
        How long it is down and up each time, above 0.
    """

    def __init__(self, links: Links, down_ns: int = SECOND, up_ns: int = 9 * SECOND) -> None:
        self.links = links
        self.down_ns = down_ns
        self.up_ns = up_ns
        self._n_begun = 0
        self._is_down = False

    @classmethod
    def from_options(cls, options: object) -> Flapping:
        """Return the fault for ``{between: ..., down: ..., up: ...}``; times may be left out."""
        known = {"between": Links.parse, "down": _above_0, "up": _above_0}
        found = options_of("flapping", options, known, _EXAMPLE)
        if "between" not in found:
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        return cls(found["between"], found.get("down", SECOND), found.get("up", 9 * SECOND))

    def targets(self) -> Iterable[Target]:
        """Return the link, or the node."""
        return (self.links.target(),)

    def begin(self, world: World) -> None:
        """Take it down, and so on."""
        self._n_begun += 1
        world.env.process(self._flap(world, self._n_begun))

    def end(self, world: World) -> None:
        """Leave it up."""
        self._n_begun += 1
        if self._is_down:
            self._turn(world)

    def _flap(self, world: World, n_begun: int) -> Generator[Event, Any, None]:
        number = world.next_number()
        while self._n_begun == n_begun:
            self._turn(world)
            lasts = self.down_ns if self._is_down else self.up_ns
            yield world.at(world.env.now + lasts, number)

    def _turn(self, world: World) -> None:
        self._is_down = not self._is_down
        turn = world.network.take_down if self._is_down else world.network.bring_up
        for a, b in self.links.of(world.network):
            turn(a, b)


def _above_0(value: object) -> int:
    ns = parse_duration(value)
    if ns <= 0:
        raise ValueError(f"expected a duration above 0s, got {value!r}")
    return ns
