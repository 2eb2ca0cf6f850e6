"""Checks across a scenario: everything named must exist, and mail must have a way."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.dns.loops import alias_loops, delegation_loops
from mailsim.dns.records import Record, zone_of
from mailsim.dns.zonefile import ZoneSyntaxError, line_of, parse_zone
from mailsim.errors import ConfigError, Problem
from mailsim.experiment.auth_model import check_signed
from mailsim.experiment.directory import Directory, normal_name
from mailsim.experiment.faults import check_faults
from mailsim.experiment.hosts import check_host
from mailsim.experiment.model import Scenario
from mailsim.experiment.routing_loops import check_loops
from mailsim.experiment.traffic import check_traffic
from mailsim.spelling import nearest

__all__ = ["check_references"]


def check_references(scenario: Scenario) -> list[Problem]:
    """Return all problems that show only when one part of a scenario is held against another.

    Reads the zones and gives the scenario its directory.  What lies in a zone that cannot be
    read is not judged; all the rest is.
    """
    problems = list(_zones(scenario))
    problems += _owners(scenario)
    problems += _loops(scenario)
    problems += _mail_exchangers(scenario)
    problems += _name_servers(scenario)
    problems += check_signed(scenario)
    for name in scenario.hosts:
        problems += check_host(scenario, name)
    if not problems:  # else there is no saying where mail goes
        problems += check_loops(scenario)
    for name in scenario.traffic:
        problems += check_traffic(scenario, name)
    problems += check_faults(scenario)
    if scenario.warmup >= scenario.duration:
        problems.append(Problem(("warmup",), "expected less than the duration"))
    return [*problems, *_network(scenario)]


def _zones(scenario: Scenario) -> Iterator[Problem]:
    """Read the zones; their origins are names, so their case and a final dot say nothing."""
    records: dict[str, list[Record]] = {}
    unreadable = []
    for written, text in scenario.zones.items():
        where, origin = ("zones", written), normal_name(written)
        if origin in records or origin in unreadable:
            yield Problem(where, f"zone {written} is there already", on_key=True)
            continue
        try:
            if not origin and written != ".":
                raise ZoneSyntaxError(1, f"{written!r} is not the name of a zone")
            records[origin] = parse_zone(origin, text)
        except ZoneSyntaxError as error:
            unreadable.append(origin)
            message = f"zone {written}, line {error.line}: {error.message}"
            yield Problem(where, message, line=error.line)
    scenario._directory = Directory(scenario.hosts, records, unreadable)


def _owners(scenario: Scenario) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name in scenario.hosts:
        for address in scenario.directory.all_addresses(name):
            other = owners.setdefault(address, name)
            if other != name:
                message = f"host {name} has the address {address} of host {other}"
                yield Problem(("hosts", name), message, on_key=True)


def _loops(scenario: Scenario) -> Iterator[Problem]:
    zones = scenario.directory.records
    every = [record for records in zones.values() for record in records]
    for record, message in alias_loops(every):
        origin = zone_of(record.name, zones)
        assert origin is not None
        yield _about(scenario, origin, record, message)
    for origin, record, message in delegation_loops(zones):
        yield _about(scenario, origin, record, message)


def _about(
    scenario: Scenario, origin: str, record: Record, message: str, hint: str = ""
) -> Problem:
    """Return a problem with a record, at its line of its zone."""
    written = next(name for name in scenario.zones if normal_name(name) == origin)
    line = line_of(origin, scenario.zones[written], record)
    return Problem(("zones", written), message, hint, line=line)


def _mail_exchangers(scenario: Scenario) -> Iterator[Problem]:
    directory = scenario.directory
    for origin, records in directory.records.items():
        for record in records:
            if record.type != "MX":
                continue
            target, hint = record.data[1], ""
            if not target:
                if all(r is record or r[:2] != record[:2] for r in records):
                    continue
                message = (
                    f"{record.name} has a null MX, which says that it takes no mail, and another "
                    "MX; expected either (RFC 7505 section 3)"
                )
            elif target in directory.aliases:
                hint = directory.canonical(target)
                message = (
                    f"the MX of {record.name} points to {target}, which is an alias; expected the "
                    "name of a host (RFC 2181 section 10.3)"
                )
            elif not directory.all_addresses(target):
                if directory.is_unsure(target):
                    continue
                hint = nearest(target, directory.addresses)
                message = f"the MX of {record.name} points to {target}, which has no address"
            elif directory.host_of(target) is None:
                hint = nearest(target, scenario.hosts)
                message = f"the MX of {record.name} points to {target}, which is no host's address"
            else:
                continue
            yield _about(scenario, origin, record, message, hint)


def _name_servers(scenario: Scenario) -> Iterator[Problem]:
    served = {normal_name(origin) for host in scenario.hosts.values() for origin in host.dns}
    for origin in scenario.zones:
        if normal_name(origin) not in served:
            message = f"zone {origin}: no host serves it (a host with 'dns: [{origin}]')"
            yield Problem(("zones", origin), message, on_key=True)
    if scenario.dns.delegation:
        yield from _delegations(scenario)


def _delegations(scenario: Scenario) -> Iterator[Problem]:
    """Find zones to which no way leads down from the root."""
    zones = scenario.directory.records
    if "" not in zones:
        message = "expected a zone '.' that delegates the others, and a host that serves it"
        yield Problem(("dns", "delegation"), message)
        return
    for written in scenario.zones:
        origin = normal_name(written)
        above = zone_of(origin.partition(".")[2], zones)
        if not origin or origin not in zones or above is None:
            continue
        if not any(record.type == "NS" and record.name == origin for record in zones[above]):
            message = f"zone {written}: the zone above, {above or '.'}, has no NS record of it"
            yield Problem(("zones", written), message, on_key=True)


def _network(scenario: Scenario) -> Iterator[Problem]:
    import networkx as nx

    from mailsim.experiment.network import build_graph

    try:
        graph = build_graph(scenario)
    except ConfigError as error:
        yield from error.problems or [Problem(("network",), str(error))]
        return
    # Nodes without hosts may lie apart; the hosts must not.
    hosts = [[n for n in scenario.hosts if n in part] for part in nx.connected_components(graph)]
    islands = sorted(filter(None, hosts), key=len, reverse=True)
    for island in islands[1:]:
        for name in island:
            message = f"no link joins host {name} to the rest of the network"
            yield Problem(("hosts", name), message, on_key=True)
