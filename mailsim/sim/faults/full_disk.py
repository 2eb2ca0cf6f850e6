"""A disk that is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.sim.faults import fault
from mailsim.sim.faults._of_host import HostFault

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["FullDisk"]


@fault("full_disk")
class FullDisk(HostFault):
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

    kind = "mail host"

    def begin(self, world: World) -> None:
        """Fill the disk."""
        world.machines[self.host].n_full += 1

    def end(self, world: World) -> None:
        """Make room."""
        world.machines[self.host].n_full -= 1
