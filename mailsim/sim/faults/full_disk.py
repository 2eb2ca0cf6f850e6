"""A disk that is full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import name_of

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["FullDisk"]


@fault("full_disk")
class FullDisk(Fault):
    """Let a mail host answer 452 4.3.1 to MAIL, and to a content that comes meanwhile.

    Relays defer and come back; clients that submit are refused.  What is in the queue stays and
    is delivered: that needs no room.

    Source: RFC 5321 section 4.2.3, 452 "insufficient system storage"; RFC 3463, X.3.1 "mail system
    full"; Postfix smtpd(8), ``queue_minfree``.

    Example::

        full_disk: mx.example.net
        at: 10s
        for: 30s

    Parameters
    ----------
    host : str
    """

    def __init__(self, host: str) -> None:
        self.host = host

    @classmethod
    def from_options(cls, options: object) -> FullDisk:
        """Return the fault for the name of a host."""
        return cls(name_of(options))

    def targets(self) -> Iterable[Target]:
        """Return the host."""
        return (Target("mail host", (self.host,)),)

    def begin(self, world: World) -> None:
        """Fill the disk."""
        world.machines[self.host].n_full += 1

    def end(self, world: World) -> None:
        """Make room."""
        world.machines[self.host].n_full -= 1
