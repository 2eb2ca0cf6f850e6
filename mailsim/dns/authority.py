"""A name server's knowledge: its zones, compiled into dictionaries at load time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mailsim.dns.answer import NODATA, NOERROR, NXDOMAIN, SERVFAIL, Answer
from mailsim.dns.records import Record, zone_of

__all__ = ["Authority"]


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
        self._negative_ttl_s: dict[str, int] = {}
        self._names: set[str] = set()
        for origin, records in zones.items():
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
            soa = self._sets.get((origin, "SOA"))
            self._negative_ttl_s[origin] = min(soa.ttl_s, soa.data[0]) if soa else 0

    def answer(self, name: str, type: str) -> Answer:
        """Return the answer to a question; SERVFAIL for a name in none of the zones."""
        found = self._sets.get((name, type))
        if found is not None:
            return found
        origin = zone_of(name, self._origins)
        if origin is None:
            return Answer(SERVFAIL, (), 0)
        status = NODATA if name in self._names else NXDOMAIN
        return Answer(status, (), self._negative_ttl_s[origin])
