"""What is wrong with zones as a whole: aliases that go in circles, zones that nobody can reach.

Nothing of this can be seen in one line, and a resolver that meets it answers SERVFAIL; so it is
looked for when a scenario is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mailsim.dns.records import Record, zone_of

__all__ = ["alias_loops", "delegation_loops"]


def alias_loops(records: Sequence[Record]) -> Iterator[tuple[Record, str]]:
    """Find CNAME records that lead back to their own name (RFC 1034 section 3.6.2).

    Parameters
    ----------
    records : sequence of Record
        Of all zones.

    Yields
    ------
    (Record, str)
        The first record of each loop, and the loop in words.
    """
    aliases = {record.name: record for record in records if record.type == "CNAME"}
    seen: set[str] = set()
    for start in aliases:
        way: list[str] = []
        name = start
        while name in aliases and name not in seen:
            seen.add(name)
            way.append(name)
            name = aliases[name].data
        if name in way:
            loop = way[way.index(name) :]
            yield aliases[name], f"CNAME loop: {' -> '.join([*loop, name])}"


def delegation_loops(
    zones: Mapping[str, Sequence[Record]],
) -> Iterator[tuple[str, Record, str]]:
    """Find delegations whose name servers have no address that can be found out.

    To ask the servers of a delegated zone one needs the address of one of them: from glue beside
    the delegation, or from a zone that can be reached without it (RFC 1034 section 4.2.1).

    Parameters
    ----------
    zones : mapping of str to sequence of Record
        By origin.

    Yields
    ------
    (str, Record, str)
        Origin of the zone that delegates, the first NS record of the delegation, and what is
        wrong, in words.
    """
    cuts: dict[str, tuple[str, list[Record]]] = {}
    for origin, records in zones.items():
        for record in records:
            if record.type == "NS" and record.name != origin:
                cuts.setdefault(record.name, (origin, []))[1].append(record)
    has_address = {
        (origin, record.name)
        for origin, records in zones.items()
        for record in records
        if record.type in ("A", "AAAA")
    }
    reached: set[str] = set()
    is_new = True
    while is_new:
        is_new = False
        for cut, (origin, servers) in cuts.items():
            if cut not in reached and any(
                (origin, server.data) in has_address
                or (below := zone_of(server.data, cuts)) is None
                or below in reached
                for server in servers
            ):
                reached.add(cut)
                is_new = True
    for cut, (origin, servers) in cuts.items():
        if cut not in reached:
            names = ", ".join(server.data for server in servers)
            message = (
                f"delegation loop: to ask {names} about {cut} one needs an address that only "
                f"{zone_of(servers[0].data, cuts)} tells; add the address here, as glue"
            )
            yield origin, servers[0], message
