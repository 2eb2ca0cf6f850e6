"""From a destination to the hosts to try: MX and address lookups (RFC 5321 section 5)."""

from __future__ import annotations

from collections.abc import Generator
from itertools import groupby
from typing import Any, NamedTuple

from simpy import Event

from mailsim.dns import NXDOMAIN, SERVFAIL, Answer, interleave, order_mx, without_own
from mailsim.sim.resolver import Resolver
from mailsim.sim.world import World
from mailsim.smtp import Reply

__all__ = ["NextHop"]

_NO_DATA = "Host found but no data record of requested type"


class _Known(NamedTuple):
    """Hosts whose order leaves nothing to chance, for as long as all their records are fresh.

    Attributes
    ----------
    until_ns : int
    hosts : list of (str, str)
        Names and addresses.
    questions : tuple of (str, str)
        Name and type of what one would ask the cache for.
    """

    until_ns: int
    hosts: list[tuple[str, str]]
    questions: tuple[tuple[str, str], ...]


class NextHop:
    """Finds where to connect to, for one host.

    It asks for the addresses of its own families: AAAA only if it has an IPv6 address, A only if
    it has one of IPv4 (RFC 3493 section 6.1, ``AI_ADDRCONFIG``).

    Parameters
    ----------
    world : World
    host : str
    preference : str
        Which addresses of a name come first: ``ipv4``, ``ipv6``, or ``any``, which is decided by
        chance each time (``smtp_address_preference``).
    is_random : bool
        Whether equal preference, and several addresses of a name, mean an order by chance
        (``smtp_randomize_addresses``); else it is the resolver's.

    Attributes
    ----------
    resolver : Resolver
    own_destinations : set of str
        Domains of which the host is found to be an exchanger itself.
    """

    def __init__(
        self, world: World, host: str, preference: str = "any", *, is_random: bool = True
    ) -> None:
        self._host = host
        self._hosts_at = world.hosts_at
        self._env = world.env
        self.resolver = Resolver.of(world, host)
        self._preference = preference
        self._is_random = is_random
        self.own_destinations: set[str] = set()
        self._types = world.address_types(host)
        self._random = world.streams[f"mx/{host}"].uniform
        self._known: dict[str, _Known] = {}
        self.resolver.on_forget.append(self._known.clear)

    def resolve(
        self, destination: str, number: int
    ) -> Generator[Event, Any, list[tuple[str, str]] | Reply]:
        """Return the hosts to try in order, or the reply that the lookup amounts to.

        Parameters
        ----------
        destination : str
            A domain, or ``[host]`` to skip the MX lookup.
        number : int
            Number of the asking process.

        Returns
        -------
        list of (str, str), or Reply
            Names and addresses; 4yz when the answer may be another one later, else 5yz.
        """
        known = self._known.get(destination)
        if known is not None and self._env.now < known.until_ns:
            for name, type in known.questions:
                self.resolver.cached(name, type)
            return known.hosts
        return (yield from self._resolve(destination, number))

    def _resolve(
        self, destination: str, number: int
    ) -> Generator[Event, Any, list[tuple[str, str]] | Reply]:
        exchangers, questions, is_drawn = [(0, destination.strip("[]"))], [], False
        if not destination.startswith("["):
            answer = yield from self._ask(destination, "MX", number)
            questions.append((destination, "MX"))
            if answer.status in (NXDOMAIN, SERVFAIL):
                return _failure(destination, "MX", answer)
            records = list(answer.data)
            if records == [(0, "")]:
                text = f"Domain {destination} does not accept mail (nullMX)"
                return Reply(556, (text,), "5.1.10", is_ours=True)
            if records:  # none: the domain itself, an implicit MX
                usable = without_own(records, self._host)
                if len(usable) < len(records):
                    self.own_destinations.add(destination)
                if not usable:
                    return _loop(destination)
                is_drawn = len({preference for preference, _ in usable}) < len(usable)
                is_drawn = is_drawn and self._is_random
                exchangers = order_mx(usable, self._random if self._is_random else _in_turn)
        found: list[tuple[int, str, str]] = []
        failed = None
        for preference, name in exchangers:
            for type in self._types:
                answer = yield from self._ask(name, type, number)
                questions.append((name, type))
                found += [(preference, name, address) for address in answer.data]
                if answer.status == SERVFAIL:
                    failed = answer
        if not found:
            return _failure(exchangers[0][1], self._types[0], failed or answer)
        own = [preference for preference, _, a in found if self._hosts_at.get(a) == self._host]
        if own:  # under another name, or behind a shared one
            self.own_destinations.add(destination)
            best = found[0][0]
            found = [one for one in found if one[0] < min(own)]
            if not found and best == exchangers[0][0]:
                return _loop(destination)
            if not found:
                text = f"unable to find primary relay for {destination}"
                return Reply(451, (text,), "4.4.4", is_ours=True)
        hosts: list[tuple[str, str]] = []
        for _, group in groupby(found, _preference):
            ordered, was_drawn = self._order([(name, address) for _, name, address in group])
            hosts += ordered
            is_drawn = is_drawn or was_drawn
        if not is_drawn and failed is None:
            self._keep(destination, hosts, questions)
        return hosts

    def _ask(self, name: str, type: str, number: int) -> Generator[Event, Any, Answer]:
        answer = self.resolver.cached(name, type)
        if answer is None:
            answer = yield from self.resolver.ask(name, type, number)
        return answer

    def _order(self, hosts: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], bool]:
        """Return hosts of equal preference in the order of trial, and whether chance had a say.

        The order of the names is drawn already; where one has several addresses of a family,
        all addresses of that family are shuffled (Postfix ``dns_rr_shuffle``).
        """
        if len(hosts) == 1:
            return hosts, False
        families = [[h for h in hosts if ":" not in h[1]], [h for h in hosts if ":" in h[1]]]
        was_drawn = False
        if self._is_random:
            for i, members in enumerate(families):
                if len({name for name, _ in members}) < len(members):
                    keyed = [(self._random(), host) for host in members]
                    families[i] = [host for _, host in sorted(keyed)]
                    was_drawn = True
        ipv4, ipv6 = families
        if self._preference == "any" and ipv4 and ipv6:
            was_drawn = True
            if self._random() < 0.5:
                ipv4, ipv6 = ipv6, ipv4
        elif self._preference == "ipv6":
            ipv4, ipv6 = ipv6, ipv4
        return interleave(ipv4, ipv6), was_drawn

    def _keep(
        self, destination: str, hosts: list[tuple[str, str]], questions: list[tuple[str, str]]
    ) -> None:
        """Remember hosts until the first of the records expires that say so."""
        kept = [self.resolver.kept(name, type) for name, type in questions]
        if None not in kept:  # one with a TTL of 0 is not kept at all
            until_ns = min(one[0] for one in kept if one is not None)
            self._known[destination] = _Known(until_ns, hosts, tuple(questions))


def _preference(found: tuple[int, str, str]) -> int:
    return found[0]


def _in_turn() -> float:
    return 0.0


def _loop(destination: str) -> Reply:
    text = f"mail for {destination} loops back to myself"
    return Reply(554, (text,), "5.4.6", is_ours=True)


def _failure(name: str, type: str, answer: Answer) -> Reply:
    text = f"Host or domain name not found. Name service error for name={name} type={type}"
    if answer.status == SERVFAIL:
        return Reply(451, (f"{text}: Host not found, try again",), "4.4.3", is_ours=True)
    why = "Host not found" if answer.status == NXDOMAIN else _NO_DATA
    return Reply(550, (f"{text}: {why}",), "5.4.4", is_ours=True)
