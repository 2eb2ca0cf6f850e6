"""Open connections that no delivery uses: kept for the next one to the same destination."""

from __future__ import annotations

from simpy import Event

from mailsim.sim.clock import SECOND
from mailsim.sim.conversation import Conversation
from mailsim.sim.world import World

__all__ = ["ConnectionCache"]

_IDLE_NS = 2 * SECOND
"""Postfix: ``smtp_connection_cache_time_limit``."""


class ConnectionCache:
    """The idle connections of one host, by destination; the one left last is taken first.

    A connection that has been idle for 2 s says QUIT; until then it holds a worker slot of the
    server.

    Source: Postfix CONNECTION_CACHE_README, scache(8).

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._idle: dict[str, list[tuple[Conversation, int]]] = {}

    def put(self, destination: str, conversation: Conversation) -> None:
        """Keep a connection for the next delivery to ``destination``."""
        world = self._world
        kept = (conversation, world.env.now)
        self._idle.setdefault(destination, []).append(kept)

        def close(_: Event) -> None:
            idle = self._idle.get(destination, [])
            if kept in idle:
                idle.remove(kept)
                conversation.leave()

        point = world.at(world.env.now + _IDLE_NS, world.next_number())
        assert point.callbacks is not None
        point.callbacks.append(close)

    def take(self, destination: str) -> Conversation | None:
        """Return a connection to ``destination`` that is open, or None."""
        idle = self._idle.get(destination)
        return idle.pop()[0] if idle else None
