"""A host's caching resolver: asks simulated name servers over the network.

RFC 1034 section 5.3.3: from the servers that are known for the name, down referrals and along
aliases, to an answer; what comes is kept for its TTL, negative answers too (RFC 2308).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from mailsim.dns import (
    ALIAS,
    MOST_ALIASES,
    NOERROR,
    NXDOMAIN,
    SERVFAIL,
    Answer,
    Cache,
    Record,
)
from mailsim.sim.clock import SECOND
from mailsim.sim.iteration import Iteration

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["Resolver"]

_NO_ZONE = Answer(NXDOMAIN, (), 3600)
FAILURE_TTL_S = 1
"""How long a failure is kept: RFC 9520 section 3.2 (at least that); BIND's ``servfail-ttl``."""
_FAILED = Answer(SERVFAIL, (), FAILURE_TTL_S)


class Resolver:
    """The resolver of one host, with a cache of its own.

    Questions under way are shared: two processes that ask for the same thing wait for one
    answer.

    Parameters
    ----------
    world : World
    host : str

    Attributes
    ----------
    iteration : Iteration
        Its way through the name servers.
    on_forget : list of callable
        Called when it forgets, by what is remembered because of its answers.
    """

    def __init__(self, world: World, host: str) -> None:
        self._world = world
        self._host = host
        self._cache = Cache()
        self._asked: dict[tuple[str, str], Event] = {}
        self.on_forget: list[Callable[[], None]] = []
        self.iteration = Iteration(world, host, self._address)

    @classmethod
    def of(cls, world: World, host: str) -> Resolver:
        """Return the resolver of a host, which all its processes share."""
        resolver = world.resolvers.get(host)
        if resolver is None:
            resolver = world.resolvers[host] = cls(world, host)
        return resolver

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

    def kept(self, name: str, type: str) -> tuple[int, Answer] | None:
        """Return when a fresh answer expires (ns), and the answer; nobody has asked for it."""
        return self._cache.get(name, type, self._world.env.now)

    def ask(self, name: str, type: str, number: int) -> Generator[Event, Any, Answer]:
        """Ask the network; wait for the answer, keep it, return it.

        Parameters
        ----------
        name, type : str
            The question.
        number : int
            Number of the asking process.

        Returns
        -------
        Answer
            Of status NOERROR, NODATA, NXDOMAIN or SERVFAIL.
        """
        env = self._world.env
        asked_ns = env.now
        under_way = self._asked.get((name, type))
        if under_way is not None:
            answer: Answer = yield under_way
            self._row(asked_ns, name, type, "cache", answer)
            return answer
        under_way = self._asked[name, type] = env.event()
        answer, answered_by = yield from self._find(name, type, number, frozenset())
        del self._asked[name, type]
        under_way.succeed(answer)
        self._row(asked_ns, name, type, answered_by, answer)
        return answer

    def answer(self, name: str, type: str, number: int) -> Generator[Event, Any, Answer]:
        """Return an answer from the cache, or else from the network, as :meth:`ask` does."""
        answer = self.cached(name, type)
        if answer is None:
            answer = yield from self.ask(name, type, number)
        return answer

    def forget(self) -> None:
        """Lose the cache, as when the host starts again; questions under way go on."""
        self._cache = Cache()
        self.iteration.forget()
        for forget in self.on_forget:
            forget()

    def _find(
        self, name: str, type: str, number: int, trail: frozenset[str]
    ) -> Generator[Event, Any, tuple[Answer, str]]:
        """Follow aliases to an answer, keep all that was learnt; tell who gave the last of it.

        ``trail`` are the zones whose servers' addresses are being looked for already.
        """
        aliases: tuple[Record, ...] = ()
        at, by = name, "cache"
        while len(aliases) <= MOST_ALIASES:
            found = self._known(at, type)
            if found is None:
                found, by = yield from self._from_network(at, type, number, trail)
            aliases += found.aliases
            if found.status != ALIAS:
                break
            at = aliases[-1].data
        else:
            found = _FAILED
        if aliases and found.status != SERVFAIL:
            ttl_s = min(found.ttl_s, *(alias.ttl_s for alias in aliases))
            found = Answer(found.status, found.data, ttl_s, aliases)
            self._cache.put(name, type, found, self._world.env.now)
        elif found.status == SERVFAIL:
            found = _FAILED
            self._cache.put(name, type, found, self._world.env.now)
        return found, by

    def _known(self, name: str, type: str) -> Answer | None:
        """Return what the cache has about a name on the way, with the TTL that is left."""
        now = self._world.env.now
        kept = self._cache.get(name, type, now)
        if kept is not None:
            return kept[1]._replace(ttl_s=(kept[0] - now) // SECOND)
        kept = self._cache.get(name, "CNAME", now) if type != "CNAME" else None
        if kept is None or kept[1].status != NOERROR or not kept[1].data:
            return None
        alias = Record(name, "CNAME", (kept[0] - now) // SECOND, kept[1].data[0])
        return Answer(ALIAS, (), alias.ttl_s, (alias,))

    def _from_network(
        self, name: str, type: str, number: int, trail: frozenset[str]
    ) -> Generator[Event, Any, tuple[Answer, str]]:
        """Ask the servers of the name's zone; keep each record set of the answer."""
        start = self.iteration.start(name)
        if start is None:  # no zone of the world holds it: the root would say so
            self._cache.put(name, type, _NO_ZONE, self._world.env.now)
            return _NO_ZONE, "."
        answer, by = yield from self.iteration.ask(start, name, type, number, trail)
        now = self._world.env.now
        for alias in answer.aliases:
            told = Answer(NOERROR, (alias.data,), alias.ttl_s)
            self._cache.put(alias.name, "CNAME", told, now)
        if answer.status not in (ALIAS, SERVFAIL):
            last = answer.aliases[-1].data if answer.aliases else name
            self._cache.put(last, type, answer._replace(aliases=()), now)
        return answer, by

    def _address(
        self, name: str, number: int, trail: frozenset[str]
    ) -> Generator[Event, Any, tuple[str, ...]]:
        """Return the addresses of a name server that no glue tells of."""
        for type in self._world.address_types(self._host):
            kept = self._cache.get(name, type, self._world.env.now)
            if kept is not None:
                answer = kept[1]
            else:
                answer, _ = yield from self._find(name, type, number, trail)
            if answer.data:
                break
        return answer.data

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
