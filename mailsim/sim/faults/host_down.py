"""A machine that crashes and starts again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import name_of

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["HostDown"]


@fault("host_down")
class HostDown(Fault):
    """Let a machine crash, and start again when the fault ends.

    What it held in memory is gone: connections on both sides, deliveries under way, the cache of
    its resolver.  What was on disk is there again: the queue, outboxes, mailboxes, and what
    policies remember.  While it is down nothing answers; when it is up it answers RST to
    connections of before.  A client that has not heard the reply to its message sends it again,
    so it may arrive twice.

    Source: RFC 5321 section 6.1 (a message that was accepted must not be lost because of a
    crash, and may be duplicated), 4.2.5 and 4.5.3.2; RFC 9293 section 3.5.1 (half-open
    connections).

    Example::

        host_down: mx.example.net
        at: 30s
        for: 10s

    Parameters
    ----------
    name : str
        A host, or a node of the network: with a node all its links are down.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def from_options(cls, options: object) -> HostDown:
        """Return the fault for the name of a host."""
        return cls(name_of(options))

    def targets(self) -> Iterable[Target]:
        """Return the host."""
        return (Target("node", (self.name,)),)

    def begin(self, world: World) -> None:
        """Crash."""
        world.machines.crash(self.name)

    def end(self, world: World) -> None:
        """Start again."""
        world.machines.restart(self.name)
