"""A name server's knowledge: its zones, compiled into dictionaries at load time.

RFC 1034 section 4.3.2 is the algorithm: the longest zone that has the name; at a zone cut a
referral with glue; at an alias the answer for its target, as far as this server knows it; a
wildcard where the name does not exist (RFC 4592).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mailsim.dns.answer import (
    ALIAS,
    NODATA,
    NOERROR,
    NXDOMAIN,
    REFERRAL,
    REFUSED,
    SERVFAIL,
    Answer,
    Delegation,
)
from mailsim.dns.records import Record, zone_of

__all__ = ["MOST_ALIASES", "Authority"]

MOST_ALIASES = 11
"""CNAME records in a row that are followed; unbound's ``MAX_RESTART_COUNT``."""


class Authority:
    """Answers questions about some zones.

    Parameters
    ----------
    zones : mapping of str to list of Record
        Records by origin; one of them is the zone's SOA.
    """

    def __init__(self, zones: Mapping[str, Iterable[Record]]) -> None:
        self._origins = frozenset(zones)
        self._sets: dict[tuple[str, str], Answer] = {}
        self._cuts: dict[str, dict[str, Answer]] = {}
        self._negative_ttl_s: dict[str, int] = {}
        self._names: set[str] = set()
        for origin, members in zones.items():
            records = list(members)
            cuts = {r.name for r in records if r.type == "NS" and r.name != origin}
            self._cuts[origin] = {cut: _referral(cut, records) for cut in cuts}
            self._compile(origin, [r for r in records if zone_of(r.name, cuts) is None])
            soa = self._sets.get((origin, "SOA"))
            self._negative_ttl_s[origin] = min(soa.ttl_s, soa.data[0]) if soa else 0

    def _compile(self, origin: str, records: list[Record]) -> None:
        by_set: dict[tuple[str, str], list[Record]] = {}
        for record in records:
            by_set.setdefault((record.name, record.type), []).append(record)
        for (name, type), members in by_set.items():
            data: tuple[Any, ...] = tuple(record.data for record in members)
            ttl_s = min(record.ttl_s for record in members)
            self._sets[name, type] = Answer(NOERROR, data, ttl_s)
            while name not in self._names:  # the names above it exist too (RFC 8020)
                self._names.add(name)
                if name == origin:
                    break
                name = name.partition(".")[2]

    def answer(self, name: str, type: str) -> Answer:
        """Return the answer to a question; REFUSED for a name in none of the zones."""
        aliases: tuple[Record, ...] = ()
        while len(aliases) <= MOST_ALIASES:
            found = self._sets.get((name, type)) or self._elsewhere(name)
            if found is None:
                owner = self._owner(name)
                found = self._sets.get((owner, type))
                alias = self._sets.get((owner, "CNAME"))
                if found is None and alias is not None:
                    aliases += (Record(name, "CNAME", alias.ttl_s, alias.data[0]),)
                    name = alias.data[0]
                    continue
            return _through(aliases, found or self._negative(name, owner))
        return Answer(SERVFAIL, (), 0)

    def replace(self, name: str, type: str, data: tuple[Any, ...]) -> Answer | None:
        """Let a record set have other data; return the answer of before, None if there is none."""
        before = self._sets.get((name, type))
        if before is not None:
            self._sets[name, type] = before._replace(data=data)
        return before

    def _elsewhere(self, name: str) -> Answer | None:
        """Return a referral, or REFUSED, for a name that lies in none of the zones or below one."""
        origin = zone_of(name, self._origins)
        if origin is None:
            return Answer(REFUSED, (), 0)
        cut = zone_of(name, self._cuts[origin])
        return None if cut is None else self._cuts[origin][cut]

    def _owner(self, name: str) -> str:
        """Return the name whose records answer: itself, or a wildcard; empty if there is none."""
        if name in self._names:
            return name
        above = name.partition(".")[2]
        while above and above not in self._names:
            above = above.partition(".")[2]
        wildcard = f"*.{above}" if above else "*"
        return wildcard if wildcard in self._names else ""

    def _negative(self, name: str, owner: str) -> Answer:
        origin = zone_of(name, self._origins)
        assert origin is not None
        is_there = bool(owner) or name in self._names  # the root has an empty name
        return Answer(NODATA if is_there else NXDOMAIN, (), self._negative_ttl_s[origin])


def _referral(cut: str, records: list[Record]) -> Answer:
    """Return what a zone says to a question about one below it."""
    servers = [r for r in records if r.name == cut and r.type == "NS"]
    glue: dict[str, list[str]] = {}
    for record in records:
        if record.type in ("A", "AAAA"):
            glue.setdefault(record.name, []).append(record.data)
    delegation = Delegation(
        cut, tuple((server.data, tuple(glue.get(server.data, ()))) for server in servers)
    )
    return Answer(REFERRAL, (delegation,), min(server.ttl_s for server in servers))


def _through(aliases: tuple[Record, ...], found: Answer) -> Answer:
    """Return an answer as one about the first of the aliases that led to it."""
    if not aliases:
        return found
    if found.status in (REFERRAL, REFUSED):
        return Answer(ALIAS, (), min(alias.ttl_s for alias in aliases), aliases)
    ttl_s = min(found.ttl_s, *(alias.ttl_s for alias in aliases))
    return Answer(found.status, found.data, ttl_s, aliases)
