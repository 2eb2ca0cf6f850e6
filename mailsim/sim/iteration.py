"""From zone to zone: whom a resolver asks, how long it waits, and whom it asks next."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from simpy import Event

from mailsim.dns import (
    REFERRAL,
    REFUSED,
    SERVFAIL,
    TRUNCATED,
    Answer,
    Delegation,
    question_bytes,
    zone_of,
)
from mailsim.sim.clock import SECOND
from mailsim.sim.nameserver import NameServer, Question
from mailsim.sim.rough_lookup import exchange

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["Iteration", "Servers", "Step"]

MOST_REFERRALS = 30
"""Referrals for one question; unbound's ``MAX_REFERRAL_COUNT`` is 130."""
_FAILED = Answer(SERVFAIL, (), 0)

AddressOf = Callable[[str, int, frozenset[str]], Generator[Event, Any, tuple[str, ...]]]


class Servers(NamedTuple):
    """A zone and the hosts to ask about it.

    Attributes
    ----------
    zone : str
    hosts : tuple of str
        Names of hosts; an address where no host has it.
    """

    zone: str
    hosts: tuple[str, ...]


class Step(NamedTuple):
    """One question to one server, for a trace.

    Attributes
    ----------
    sent_ns, elapsed_ns : int
    zone, server : str
    name, type : str
    outcome : str
        Status of what came back, or ``timeout``.
    transport : str
        ``udp`` or ``tcp``.
    """

    sent_ns: int
    elapsed_ns: int
    zone: str
    server: str
    name: str
    type: str
    outcome: str
    transport: str


class Iteration:
    """What a resolver knows of zones and their servers, and how it gets an answer from them.

    Parameters
    ----------
    world : World
    host : str
        The resolver's.
    address_of : callable
        Finds the addresses of a name server; takes its name, the number of the asking process,
        and the zones that are in need of one already.

    Attributes
    ----------
    steps : list of Step, or None
        If a list, every question is noted there.
    """

    def __init__(self, world: World, host: str, address_of: AddressOf) -> None:
        self._world = world
        self._host = host
        self._address_of = address_of
        self._cuts: dict[str, tuple[int, Servers]] = {}
        self._failed_ns: dict[str, int] = {}
        self._uniform = world.streams[f"resolver/{host}"].uniform
        self.steps: list[Step] | None = None

    def forget(self) -> None:
        """Forget which servers zones have, and which of them failed."""
        self._cuts.clear()
        self._failed_ns.clear()

    def start(self, name: str) -> Servers | None:
        """Return the nearest zone above a name whose servers are known; None if there is none."""
        world = self._world
        if not world.dns.is_delegated:
            origin = zone_of(name, world.zones)
            return None if origin is None else Servers(origin, world.zones[origin])
        while (cut := zone_of(name, self._cuts)) is not None:
            until_ns, servers = self._cuts[cut]
            if until_ns > world.env.now:
                return servers
            del self._cuts[cut]
        return Servers("", world.zones.get("", ()))

    def ask(
        self, servers: Servers, name: str, type: str, number: int, trail: frozenset[str]
    ) -> Generator[Event, Any, tuple[Answer, str]]:
        """Ask down the zones until somebody answers; return the answer and who gave it.

        Parameters
        ----------
        servers : Servers
            Where to begin.
        name, type : str
            The question.
        number : int
            Number of the asking process.
        trail : frozenset of str
            Zones whose servers' addresses are being looked for.
        """
        for _ in range(MOST_REFERRALS):
            answer, by = yield from self._ask_zone(servers, name, type, number)
            if answer.status != REFERRAL:
                return answer, by
            (below,) = answer.data
            is_deeper = below.zone != servers.zone and below.zone.endswith(servers.zone)
            if not is_deeper or below.zone in trail:
                break
            hosts = yield from self._hosts_of(below, number, trail | {below.zone})
            servers = Servers(below.zone, hosts)
            if hosts:
                until_ns = self._world.env.now + answer.ttl_s * SECOND
                self._cuts[below.zone] = (until_ns, servers)
        return _FAILED, by

    def _hosts_of(
        self, below: Delegation, number: int, trail: frozenset[str]
    ) -> Generator[Event, Any, tuple[str, ...]]:
        """Return the servers of a zone: those with glue, else the first whose address is found.

        Addresses of a family that the host does not have are of no use.
        """
        types = self._world.address_types(self._host)
        glue = [one for _, addresses in below.servers for one in addresses]
        addresses = [one for one in glue if ("AAAA" if ":" in one else "A") in types]
        for name, _ in below.servers if not addresses else ():
            addresses += yield from self._address_of(name, number, trail)
            if addresses:
                break
        hosts_at = self._world.hosts_at
        return tuple(dict.fromkeys(hosts_at.get(one, one) for one in addresses))

    def _ask_zone(
        self, servers: Servers, name: str, type: str, number: int
    ) -> Generator[Event, Any, tuple[Answer, str]]:
        """Ask the servers of one zone in turn; who does not answer is asked again later.

        Those that have failed come last, the latest to fail as the very last.
        """
        failed = self._failed_ns
        left: Sequence[str] = servers.hosts
        if failed:
            left = sorted(left, key=lambda host: failed.get(host, -1))
        by = "none"
        for _ in range(self._world.dns.attempts):
            silent = []
            for host in left:
                answer = yield from self._ask_host(servers.zone, host, name, type, number)
                if answer is not None and answer.status not in (SERVFAIL, REFUSED):
                    failed.pop(host, None)
                    return answer, host
                failed[host] = self._world.env.now
                if answer is None:
                    silent.append(host)
                else:
                    by = host
            left = silent
        return _FAILED, by

    def _ask_host(
        self, zone: str, host: str, name: str, type: str, number: int
    ) -> Generator[Event, Any, Answer | None]:
        """Ask one host over UDP, and over TCP where the answer is too large for that."""
        world, sent_ns = self._world, self._world.env.now
        limit = world.dns.udp_size_bytes
        answer = yield from self._ask_over(host, name, type, number, limit)
        self._note(sent_ns, zone, host, name, type, answer, "udp")
        if answer is not None and answer.status == TRUNCATED:
            sent_ns = world.env.now
            answer = yield from self._ask_over(host, name, type, number, 0)
            self._note(sent_ns, zone, host, name, type, answer, "tcp")
        return answer

    def _ask_over(
        self, host: str, name: str, type: str, number: int, limit_bytes: int
    ) -> Generator[Event, Any, Answer | None]:
        """Send a question over UDP, or over TCP (limit 0): SYN and SYN-ACK come first."""
        world = self._world
        network, t = world.network, world.env.now
        until_ns = t + world.dns.timeout_ns
        if not network.reaches(self._host, host):
            yield world.at(until_ns, number)
            return None
        path = network.path(self._host, host)
        if path.rough is not None:
            question = Question(
                world, name, type, self._host, number, until_ns, limit_bytes, is_carried=True
            )
            asked = world.env.process(exchange(world, question, host, path, self._uniform))
            yield asked | world.at(until_ns, number)
            if asked.triggered and asked.value is None:
                yield world.at(until_ns, number)
            return asked.value if asked.triggered else None
        if not limit_bytes:
            if world.is_wire:
                yield world.at(t + path.latency_ns, number)
                yield world.at(t + 2 * path.latency_ns, number)
            t += 2 * path.latency_ns
        t += path.flight_ns(question_bytes(name))
        if t > until_ns:
            yield world.at(until_ns, number)
            return None
        yield world.at(t, number)
        server: NameServer | None = world.name_servers.get(host)
        if server is None:  # nothing listens there: ICMP says so (RFC 1122 section 3.2.2.1)
            yield world.at(t + path.latency_ns, number)
            return Answer(REFUSED, (), 0)
        question = Question(world, name, type, self._host, number, until_ns, limit_bytes)
        server.take(question)
        answer: Answer | None = yield question
        return answer

    def _note(
        self,
        sent_ns: int,
        zone: str,
        host: str,
        name: str,
        type: str,
        answer: Answer | None,
        transport: str,
    ) -> None:
        if self.steps is not None:
            elapsed_ns = self._world.env.now - sent_ns
            outcome = "timeout" if answer is None else answer.status
            self.steps.append(Step(sent_ns, elapsed_ns, zone, host, name, type, outcome, transport))
