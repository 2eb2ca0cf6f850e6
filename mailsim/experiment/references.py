"""Checks across a scenario: everything named must exist, and mail must have a way."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from mailsim.dns.authority import zone_of
from mailsim.dns.zonefile import ZoneSyntaxError, parse_zone
from mailsim.errors import ConfigError, Problem, UnknownNameError
from mailsim.experiment.model import Host, Scenario, Traffic
from mailsim.message import domain_of, is_address
from mailsim.sim.workloads import Workload, workloads
from mailsim.units import format_rate

__all__ = ["check_references", "workload_of"]


def check_references(scenario: Scenario) -> list[Problem]:
    """Return all problems that show only when one part of a scenario is held against another."""
    problems = list(_zones(scenario))
    if problems:  # without its zones a host cannot be judged, but the network can
        return [*problems, *_network(scenario)]
    problems += _mail_exchangers(scenario)
    problems += _name_servers(scenario)
    for name in scenario.hosts:
        problems += _host(scenario, name)
    for name in scenario.traffic:
        problems += _traffic(scenario, name)
    if scenario.warmup >= scenario.duration:
        problems.append(Problem(("warmup",), "expected less than the duration"))
    return [*problems, *_network(scenario)]


def workload_of(traffic: Traffic) -> Workload:
    """Return the workload of a traffic.

    Raises
    ------
    ValueError, UnknownNameError
        If its options or its name are wrong.
    """
    if traffic.bulk is not None:
        from mailsim.sim.workloads.bulk import Bulk

        bulk = traffic.bulk
        n_messages = -(-bulk.recipients // traffic.recipients_per_message)
        return Bulk(n_messages, bulk.start, bulk.rate or 0.0)
    assert traffic.arrivals is not None
    ((name, options),) = traffic.arrivals.items()
    return workloads.get(name).from_options(options)


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return near[0] if near else ""


def _zones(scenario: Scenario) -> Iterator[Problem]:
    for origin, text in scenario.zones.items():
        try:
            scenario._records[origin] = parse_zone(origin, text)
        except ZoneSyntaxError as error:
            message = f"zone {origin}: {error.message}"
            yield Problem(("zones", origin), message, line=error.line)
    owners: dict[str, str] = {}
    for name in scenario.hosts:
        for address in scenario.addresses().get(name, []):
            other = owners.setdefault(address, name)
            if other != name:
                message = f"host {name} has the address {address} of host {other}"
                yield Problem(("hosts", name), message, on_key=True)


def _mail_exchangers(scenario: Scenario) -> Iterator[Problem]:
    addresses = scenario.addresses()
    for origin, records in scenario.zones_parsed().items():
        for record in records:
            if record.type != "MX" or not record.data[1]:
                continue
            target = record.data[1]
            line = _line_of(scenario.zones[origin], target, origin)
            where = ("zones", origin)
            if target not in addresses:
                hint = _near(target, addresses)
                message = f"the MX of {record.name} points to {target}, which has no address"
                yield Problem(where, message, hint, line=line)
            elif scenario.host_of(target) is None:
                message = f"the MX of {record.name} points to {target}, which is no host's address"
                yield Problem(where, message, _near(target, scenario.hosts), line=line)


def _line_of(text: str, target: str, origin: str) -> int:
    short = target.removesuffix(f".{origin}")
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(";")[0].lower().split()
        if "mx" in words and words[-1].rstrip(".") in (short, target):
            return number
    return 1


def _name_servers(scenario: Scenario) -> Iterator[Problem]:
    served = {origin for host in scenario.hosts.values() for origin in host.dns}
    for origin in scenario.zones:
        if origin not in served:
            message = f"zone {origin}: no host serves it (a host with 'dns: [{origin}]')"
            yield Problem(("zones", origin), message, on_key=True)


def _host(scenario: Scenario, name: str) -> Iterator[Problem]:
    host, where = scenario.hosts[name], ("hosts", name)
    is_mail = name in scenario.mail_hosts()
    if is_mail and name not in scenario.addresses():
        origin = zone_of(name, scenario.zones)
        place = f"zone {origin}" if origin else "any zone"
        yield Problem(where, f"host {name} has no A record in {place}", on_key=True)
    for i, origin in enumerate(host.dns):
        if origin not in scenario.zones:
            hint = _near(origin, scenario.zones)
            yield Problem((*where, "dns", i), f"unknown zone {origin!r}", hint)
    for domain, hop in host.route.items():
        target = hop.strip("[]").lower()
        if scenario.host_of(target) is None and target not in scenario.mx_targets():
            hint = _near(target, scenario.hosts)
            yield Problem((*where, "route", domain), f"next hop {hop!r} is no known host", hint)
    yield from _scheduler(host, where)
    yield from _policies(scenario, name)
    if host.clients is not None:
        yield from _clients(scenario, name)


def _scheduler(host: Host, where: tuple[str, ...]) -> Iterator[Problem]:
    from mailsim.mta.schedulers import schedulers

    try:
        schedulers.get(host.scheduler)
    except UnknownNameError as error:
        message = str(error).partition("; did you mean")[0]
        hint = _near(host.scheduler, schedulers.names())
        yield Problem((*where, "scheduler"), message, hint)


def _policies(scenario: Scenario, name: str) -> Iterator[Problem]:
    from mailsim.mta.policies import policies

    for i, item in enumerate(scenario.hosts[name].policies):
        where = ("hosts", name, "policies", i)
        if len(item) != 1:
            yield Problem(where, "expected one policy per list item, such as {greylist: {}}")
            continue
        ((policy, options),) = item.items()
        try:
            policies.get(policy).from_options(options)
        except UnknownNameError:
            known = policies.names()
            message = f"unknown policy {policy!r}: known are {', '.join(known)}"
            yield Problem((*where, policy), message, _near(policy, known), on_key=True)
        except (ValueError, TypeError, AttributeError) as error:
            yield Problem((*where, policy), str(error))


def _clients(scenario: Scenario, name: str) -> Iterator[Problem]:
    clients, where = scenario.hosts[name].clients, ("hosts", name, "clients")
    assert clients is not None
    server = clients.submit_to
    if server not in scenario.hosts:
        hint = _near(server, scenario.hosts)
        yield Problem((*where, "submit_to"), f"unknown host {server!r}", hint)
        return
    listen = scenario.listeners(server).get(clients.port)
    if listen is None:
        ports = ", ".join(map(str, scenario.listeners(server)))
        message = f"{server} does not listen on port {clients.port}, only on {ports}"
        yield Problem((*where, "submit_to"), message)
    elif listen.auth == "required" and not scenario.hosts[server].users:
        message = f"{server} requires AUTH on port {clients.port} but has no users"
        yield Problem((*where, "submit_to"), message)


def _traffic(scenario: Scenario, name: str) -> Iterator[Problem]:
    traffic, where = scenario.traffic[name], ("traffic", name)
    if (traffic.arrivals is None) == (traffic.bulk is None):
        yield Problem(where, "expected either 'arrivals' or 'bulk'", on_key=True)
    elif traffic.arrivals is not None and len(traffic.arrivals) != 1:
        yield Problem((*where, "arrivals"), "expected one workload, such as {poisson: 120/min}")
    else:
        yield from _workload(traffic, where)
    for target in traffic.to:
        domain = domain_of(target) or target.lower()
        if "@" in target and not is_address(target):
            yield Problem((*where, "to"), f"{target!r} is no mail address")
        elif domain not in scenario.mx_targets() and domain not in scenario.addresses():
            path = (*where, "to", target) if len(traffic.to) > 1 else (*where, "to")
            hint = _near(domain, scenario.mx_targets())
            message = f"recipients of the unknown domain {domain!r}: no zone has its MX"
            yield Problem(path, message, hint, on_key=len(traffic.to) > 1)
    if "@" in traffic.sender and not is_address(traffic.sender):
        yield Problem((*where, "from"), f"{traffic.sender!r} is no mail address")
    clients = scenario.client_hosts(traffic)
    if not clients:
        message = (
            f"no host with 'clients' in the domain of {traffic.sender!r}; name one: 'client: host'"
        )
        yield Problem((*where, "from"), message)
    for client in clients:
        host = scenario.hosts.get(client)
        if host is None or host.clients is None:
            known = [n for n, h in scenario.hosts.items() if h.clients]
            message = f"{client!r} is no host with 'clients'"
            yield Problem((*where, "client"), message, _near(client, known))


def _workload(traffic: Traffic, where: tuple[str, ...]) -> Iterator[Problem]:
    if traffic.bulk is not None:
        rate = traffic.bulk.rate
        if rate is not None and rate <= 0:
            yield Problem((*where, "bulk", "rate"), f"expected above 0, got {format_rate(rate)}")
        return
    assert traffic.arrivals is not None
    (name,) = traffic.arrivals
    try:
        workload_of(traffic)
    except UnknownNameError:
        known = workloads.names()
        message = f"unknown workload {name!r}: known are {', '.join(known)}"
        yield Problem((*where, "arrivals", name), message, _near(name, known), on_key=True)
    except (ValueError, TypeError, AttributeError) as error:
        yield Problem((*where, "arrivals", name), str(error))


def _network(scenario: Scenario) -> Iterator[Problem]:
    import networkx as nx

    from mailsim.experiment.network import NetworkProblemError, build_graph

    try:
        graph = build_graph(scenario)
    except NetworkProblemError as error:
        yield error.problem
        return
    except ConfigError as error:
        yield Problem(("network",), str(error))
        return
    parts = sorted(nx.connected_components(graph), key=len, reverse=True)
    for part in parts[1:]:
        lost = [name for name in scenario.hosts if name in part]
        if lost:
            message = f"no link joins host {lost[0]} to the rest of the network"
            yield Problem(("hosts", lost[0]), message, on_key=True)
