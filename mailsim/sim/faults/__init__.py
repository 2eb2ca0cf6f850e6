"""Faults: what may break for a while.  One file, one registered class each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from mailsim.registry import Room

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["Fault", "Target", "fault", "faults"]


class Target(NamedTuple):
    """Something that a fault befalls, and that must exist.

    Attributes
    ----------
    kind : str
        ``link``, ``node`` (of the network, a host or not), ``mail host``, ``TLS host`` (a mail
        host that offers TLS), ``name server``, ``mail domain``.
    names : tuple of str
        Its name; of a link its two ends.
    """

    kind: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return " - ".join(self.names)


class Fault:
    """What all faults share."""

    @classmethod
    def from_options(cls, options: object) -> Fault:
        """Return the fault that a scenario describes.

        Raises
        ------
        ValueError
            If the options are not what the fault takes; says what was expected.
        """
        raise NotImplementedError

    def targets(self) -> Iterable[Target]:
        """Return what it befalls; the loader refuses what does not exist."""
        raise NotImplementedError

    def begin(self, world: World) -> None:
        """Break something, at once."""
        raise NotImplementedError

    def end(self, world: World) -> None:
        """Mend it.  Of faults that overlap each mends its own part only."""
        raise NotImplementedError


faults: Room[Fault] = Room("fault", "mailsim.sim.faults", Fault)
fault = faults.register
