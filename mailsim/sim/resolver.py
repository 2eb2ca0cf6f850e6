"""A host's caching resolver: asks simulated name servers over the network."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from mailsim.dns import NXDOMAIN, SERVFAIL, Answer, Cache
from mailsim.sim.clock import SECOND
from mailsim.sim.world import World

__all__ = ["Resolver"]

_QUESTION = 18
"""Octets of a question besides its name: header 12, length and root 2, type and class 4."""
_RECORD = 16
"""Octets of a record in an answer: compressed name 2, type, class, TTL and length 10, data 4."""

_PATIENCE = 10 * SECOND
"""resolv.conf(5): two attempts of 5 s each."""


class Resolver:
    """The resolver of one host, with a cache of its own.

    Questions under way are shared: two processes that ask for the same thing wait for one
    answer.

    Parameters
    ----------
    world : World
    host : str
    """

    def __init__(self, world: World, host: str) -> None:
        self._world = world
        self._host = host
        self._cache = Cache()
        self._asked: dict[tuple[str, str], Event] = {}

    def cached(self, name: str, type: str) -> Answer | None:
        """Return an answer that is still fresh, at once, or None."""
        now = self._world.env.now
        kept = self._cache.get(name, type, now)
        if kept is None:
            return None
        expires, answer = kept
        self._world.log.lookups.append(
            (
                now,
                self._host,
                name,
                type,
                "cache",
                answer.status,
                0,
                len(answer.data),
                expires - now,
            )
        )
        return answer

    def ask(self, name: str, type: str, number: int) -> Generator[Event, Any, Answer]:
        """Ask the network; wait for the answer, keep it, return it.

        Parameters
        ----------
        name, type : str
            The question.
        number : int
            Number of the asking process.
        """
        world, env = self._world, self._world.env
        asked_ns = env.now
        under_way = self._asked.get((name, type))
        if under_way is not None:
            answer: Answer = yield under_way
            self._row(asked_ns, name, type, "cache", answer)
            return answer
        under_way = self._asked[name, type] = env.event()
        server = world.name_server_of(name)
        if server is None:  # no zone of the world holds it: the root would say so
            answer, answered_by = Answer(NXDOMAIN, (), 3600), "."
        else:
            answered_by = server.host
            if not world.network.reaches(self._host, server.host):
                yield world.at(env.now + _PATIENCE, number)
                del self._asked[name, type]
                answer = Answer(SERVFAIL, (), 0)
                under_way.succeed(answer)
                self._row(asked_ns, name, type, answered_by, answer)
                return answer
            path = world.network.path(self._host, server.host)
            t = env.now + path.flight_ns(_QUESTION + len(name))
            if world.is_wire:
                yield world.at(t, number)
            answer = server.authority.answer(name, type)
            t += path.flight_ns(_QUESTION + len(name) + _RECORD * len(answer.data))
            yield world.at(t, number)
        self._cache.put(name, type, answer, env.now)
        del self._asked[name, type]
        under_way.succeed(answer)
        self._row(asked_ns, name, type, answered_by, answer)
        return answer

    def _row(self, asked_ns: int, name: str, type: str, by: str, answer: Answer) -> None:
        now = self._world.env.now
        self._world.log.lookups.append(
            (
                asked_ns,
                self._host,
                name,
                type,
                by,
                answer.status,
                now - asked_ns,
                len(answer.data),
                answer.ttl_s * SECOND,
            )
        )
