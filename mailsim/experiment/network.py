"""The network of a scenario as one graph: topology, hosts, links and their figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import networkx as nx

from mailsim.errors import ConfigError, Problem, error_text
from mailsim.experiment.model import Scenario
from mailsim.experiment.network_model import GIVEN, Link
from mailsim.sim.graphs import checked
from mailsim.sim.topologies import topologies
from mailsim.spelling import nearest

__all__ = ["build_graph"]


def build_graph(scenario: Scenario) -> nx.Graph:
    """Return the network, built once for a scenario.

    Returns
    -------
    networkx.Graph
        Nodes are host names and the topology's own; every edge has ``latency_ns`` and
        ``bandwidth_bit_s`` (0 for unlimited), and ``loss`` and ``jitter_ns`` where the topology
        says so.

    Raises
    ------
    ConfigError
        If the topology, the place of hosts or links are wrong; bears a problem for each.
    """
    # What it is made of is frozen, so the same parts make the same graph; a copy of a scenario
    # with other parts takes the old graph along.
    parts = (scenario.network, scenario.hosts, scenario.links, scenario.given_graph)
    if scenario._built is not None:
        built_of, built = scenario._built
        if all(one is other for one, other in zip(built_of, parts, strict=True)):
            graph: nx.Graph = built
            return graph
    graph = _build(scenario)
    scenario._built = parts, graph
    return graph


def _build(scenario: Scenario) -> nx.Graph:
    graph = _topology(scenario)
    problems = [*_place_hosts(scenario, graph), *_lay_links(scenario, graph)]
    if problems:
        raise _error(problems)
    default = next((link for link in reversed(scenario.links) if link.between == "*"), None)
    for _, _, figures in graph.edges(data=True):
        if default is not None:
            _fill(figures, "latency_ns", default.latency)
            _fill(figures, "bandwidth_bit_s", default.bandwidth)
            _fill(figures, "jitter_ns", default.jitter)
            _fill(figures, "loss", default.loss)
            _fill(figures, "is_shared", default.shared)
        _fill(figures, "latency_ns", 0)
        _fill(figures, "bandwidth_bit_s", 0)
    return graph


def _place_hosts(scenario: Scenario, graph: nx.Graph) -> Iterator[Problem]:
    """Link the hosts to nodes: to a node or host by name, or to the next node of a role."""
    nodes = set(graph)
    roles: dict[str, list[str]] = graph.graph.get("places", {})
    turns = {role: cycle(places) for role, places in roles.items() if places}
    for name, host in scenario.hosts.items():
        at, path = host.at, ("hosts", name, "at")
        if at is None and name in nodes:
            continue
        if at is None and not turns:
            message = f"host {name} is no node of the network; say where it is with 'at: node'"
            yield Problem(("hosts", name), message, on_key=True)
            continue
        if at is None:
            role = _role(scenario, name)
            at = next(turns[role if role in turns else next(iter(turns))])
        elif at in turns and at not in nodes and at not in scenario.hosts:
            at = next(turns[at])
        elif at == name:
            yield Problem(path, f"expected another node than {name} itself")
            continue
        elif at not in nodes and at not in scenario.hosts:
            yield _unknown(path, "node", at, [*nodes, *scenario.hosts, *turns])
        graph.add_edge(name, at)
        _fill(graph.edges[name, at], "bandwidth_bit_s", graph.nodes[at].get("access_bit_s"))


def _role(scenario: Scenario, name: str) -> str:
    """Return the role of a host that does not say ``at``."""
    if name in scenario.directory.mail_hosts:
        return "business"
    return "provider" if scenario.hosts[name].clients is None else "access"


def _lay_links(scenario: Scenario, graph: nx.Graph) -> Iterator[Problem]:
    for i, link in enumerate(scenario.links):
        if link.between == "*":
            continue
        a, b = link.between
        unknown = [j for j, end in enumerate((a, b)) if end not in graph]
        for j in unknown:
            yield _unknown(("links", i, "between", j), "host or node", link.between[j], graph)
        if not unknown:
            graph.add_edge(a, b)
            _set(graph.edges[a, b], link)


def _topology(scenario: Scenario) -> nx.Graph:
    network = scenario.network
    if scenario.given_graph is not None:
        return scenario.given_graph.copy()
    if network.topology == GIVEN["topology"]:
        message = "the network was given from Python: give it again, load(..., graph=graph)"
        raise _error([Problem(("network", "topology"), message)])
    if network.center == "":
        problem = Problem(("network", "center"), "expected the name of a node, got nothing")
        raise _error([problem])
    options: dict[str, Any] = network.model_dump(exclude_none=True)
    name = options.pop("topology", None)
    if network.file is not None:  # a file that a scenario names is relative to the scenario
        name = name or "file"
        options["file"] = str(scenario.path.parent / network.file)
    if name is None:
        message = "expected 'topology: NAME' or 'file: PATH'"
        raise _error([Problem(("network",), message, on_key=True)])
    where = ("network", "topology" if network.topology else "file")
    try:
        graph = topologies.get(name).from_options(options).graph(list(scenario.hosts))
        return checked(graph, name) if ":" in name else graph
    except ConfigError as error:
        raise _error([Problem(where, str(error))]) from error
    except Exception as error:  # a class of the user's may raise anything
        text = error_text(error)
        key = text.partition(":")[0]
        if key in options:
            where = ("network", key)
        raise _error([Problem(where, text)]) from error


def _error(problems: list[Problem]) -> ConfigError:
    return ConfigError("\n".join(problem.message for problem in problems), tuple(problems))


def _unknown(path: tuple[str | int, ...], what: str, name: str, known: Iterable[Any]) -> Problem:
    return Problem(path, f"unknown {what} {name!r}", nearest(name, map(str, known)))


def _set(figures: dict[str, Any], link: Link) -> None:
    if link.latency is not None:
        figures["latency_ns"] = link.latency
    if link.bandwidth is not None:
        figures["bandwidth_bit_s"] = link.bandwidth
    if link.jitter is not None:
        figures["jitter_ns"] = link.jitter
    if link.loss is not None:
        figures["loss"] = link.loss
    if link.shared is not None:
        figures["is_shared"] = link.shared


def _fill(figures: dict[str, Any], name: str, value: float | None) -> None:
    if value is not None:
        figures.setdefault(name, value)
