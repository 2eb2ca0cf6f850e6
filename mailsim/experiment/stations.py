"""The stations of a scenario, for :mod:`mailsim.analysis`: what theory has to know of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mailsim.analysis.stations import Bucket, Plant, RateDelay, SharedLink, Slots, Source, Times
from mailsim.errors import ConfigError
from mailsim.experiment.check import checked_values
from mailsim.experiment.model import Scenario
from mailsim.experiment.network import build_graph
from mailsim.experiment.quantities import Distribution
from mailsim.experiment.receivers import limits_of
from mailsim.experiment.traffic import workload_of
from mailsim.sim.network import Network
from mailsim.sim.workloads.poisson import Poisson

__all__ = ["plant_of", "scenario_of"]

_MOST_LOOKED_AT = 100
"""Of more servers any two are taken to use any link."""


def scenario_of(info: Mapping[str, Any], path: Path) -> Scenario:
    """Return the scenario of a saved run.

    Parameters
    ----------
    info : mapping
        What ``run.json`` says.
    path : Path
        Directory of the run.

    Raises
    ------
    ConfigError
        If it has none, as after ``mailsim send``, or one that cannot be read again here.
    """
    place = path / "run.json"
    if not isinstance(info.get("scenario"), dict):
        raise ConfigError(f"{place}: no scenario: it was no simulation, so no model is known")
    scenario, problems = checked_values(info["scenario"], place, None)
    if scenario is None or problems:
        raise ConfigError(
            f"{place}: its scenario cannot be read again: {problems[0].message}; "
            "give the scenario's own file instead"
        )
    return scenario


def plant_of(scenario: Scenario) -> Plant:
    """Return the stations of a scenario: worker slots, shared links, limits of receivers."""
    sources = _sources(scenario)
    links = tuple(_links(scenario, sources))
    return Plant(
        tuple(_slots(scenario, sources, links)),
        links,
        tuple(_buckets(scenario, sources)),
        tuple(_delays(scenario)),
        bool(scenario.faults),
    )


def _sources(scenario: Scenario) -> dict[str, Source]:
    """Return what the clients of each host send, all traffics together."""
    found: dict[str, Source] = {}
    for name, traffic in scenario.traffic.items():
        hosts = {host: scenario.hosts[host].clients for host in scenario.client_hosts(traffic)}
        counts = {host: clients.count for host, clients in hosts.items() if clients is not None}
        for host, count in counts.items():
            before = found.get(host, Source(0.0))
            workload = workload_of(traffic)
            if type(workload) is Poisson:  # thinned at random, it stays one
                rate = workload.rate_per_s * count / sum(counts.values())
                found[host] = before._replace(arrival_per_s=before.arrival_per_s + rate)
            else:
                kind = "bulk" if traffic.bulk is not None else next(iter(traffic.arrivals or ()))
                found[host] = Source(math.nan, f"traffic {name} is {kind}")
    return found


def _of(scenario: Scenario, sources: dict[str, Source], host: str, port: int) -> dict[str, Source]:
    return {
        name: source
        for name, source in sources.items()
        if (clients := scenario.hosts[name].clients) is not None
        and (clients.submit_to, clients.port) == (host, port)
    }


def _slots(
    scenario: Scenario, sources: dict[str, Source], links: tuple[SharedLink, ...]
) -> Iterator[Slots]:
    for name in scenario.directory.mail_hosts:
        host = scenario.hosts[name]
        for port in scenario.listeners(name):
            yield Slots(
                name,
                port,
                host.postfix.default_process_limit,
                host.backlog,
                _times(host.service_time),
                _of(scenario, sources, name, port),
                any((name, port) in link.servers or link.relays for link in links),
            )


def _times(given: Distribution) -> Times:
    params = given.params
    if given.kind == "constant":
        return Times("constant", params["value"] / 1e9, 0.0)
    if given.kind == "exponential":
        return Times("exponential", params["mean"] / 1e9, 1.0)
    if given.kind == "lognormal":
        return Times("lognormal", params["mean"] / 1e9, params["cv"] ** 2)
    if given.kind == "uniform":
        low, high = params["low"], params["high"]
        mean = (low + high) / 2
        return Times("uniform", mean / 1e9, (high - low) ** 2 / 12 / mean**2 if mean else 0.0)
    if given.kind == "weibull":
        first, second = (math.gamma(1 + k / params["shape"]) for k in (1, 2))
        return Times("weibull", params["mean"] / 1e9, second / first**2 - 1)
    if given.kind == "mixture":
        parts = [(share, _times(part)) for share, part in given.parts]
        total = sum(share for share, _ in parts)
        mean_s = sum(share * part.mean_s for share, part in parts) / total
        square = sum(share * part.mean_s**2 * (1 + part.cv2) for share, part in parts) / total
        return Times("mixture", mean_s, square / mean_s**2 - 1 if mean_s else 0.0)
    return Times(given.kind, math.nan, math.nan)


def _links(scenario: Scenario, sources: dict[str, Source]) -> Iterator[SharedLink]:
    graph = build_graph(scenario)
    shared = [
        (a, b) for a, b, link in graph.edges(data=True)
        if link.get("is_shared") and link["bandwidth_bit_s"]
    ]  # fmt: skip
    if not shared:
        return
    network, mail_hosts = Network(graph), scenario.directory.mail_hosts
    ways: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name in sources:
        clients = scenario.hosts[name].clients
        assert clients is not None
        pair = (name, clients.submit_to)
        if network.reaches(*pair):
            ways[pair] = network.links_between(*pair)
    is_large = len(mail_hosts) > _MOST_LOOKED_AT
    between = [
        network.links_between(a, b)
        for a in mail_hosts for b in mail_hosts
        if not is_large and a != b and network.reaches(a, b)
    ]  # fmt: skip
    for a, b in shared:
        for link in ((a, b), (b, a)):
            mine = {pair: way for pair, way in ways.items() if link in way}
            paths = [network.path(*pair) for pair in mine]
            roughs = [path.rough for path in paths if path.rough is not None]
            ports = {name: scenario.hosts[name].clients for name, _ in mine}
            yield SharedLink(
                *link,
                graph.edges[link]["bandwidth_bit_s"] / 8,
                {name: sources[name] for name, _ in mine},
                frozenset((c.submit_to, c.port) for c in ports.values() if c is not None),
                is_large or any(link in way for way in between),
                frozenset(rough.own_bit_s / 8 for rough in roughs),
                all(path.latency_ns == 0 for path in paths)
                and all(not r.loss and not r.jitters and len(r.shared) == 1 for r in roughs),
            )


def _buckets(scenario: Scenario, sources: dict[str, Source]) -> Iterator[Bucket]:
    for name in scenario.directory.mail_hosts:
        receiver = scenario.hosts[name].receiver
        if receiver is None:
            continue
        limits, numbers = limits_of(receiver)
        if "ip_rate" not in limits:
            continue
        others = [limit for limit in limits if limit != "ip_rate"]
        others += ["cool_down"] * bool(numbers["cool_down"])
        others += [f"policy {next(iter(item))}" for item in scenario.hosts[name].policies]
        mine: dict[str, Source] = {}
        for port in scenario.listeners(name):
            mine |= _of(scenario, sources, name, port)
        yield Bucket(name, numbers["ip_rate"], numbers["ip_burst"], mine, ", ".join(others))


def _delays(scenario: Scenario) -> Iterator[RateDelay]:
    for name in scenario.directory.mail_hosts:
        host = scenario.hosts[name]
        if host.scheduler != "preemptive":
            continue
        hops = list(host.route.items())
        named = hops[0][1].partition(":")[0] if [to for to, _ in hops] == ["*"] else ""
        own = host.transports.get(named)
        to_one, of_all = (
            getattr(own, f"{what}_rate_delay", None)
            or getattr(host.postfix, f"default_{what}_rate_delay")
            for what in ("destination", "transport")
        )
        if to_one or of_all:
            why_not = "two delays at once" if to_one and of_all else ""
            if host.transports and own is None:
                why_not = "it has several transports"
            yield RateDelay(name, (to_one or of_all) / 1e9, bool(to_one), why_not)
