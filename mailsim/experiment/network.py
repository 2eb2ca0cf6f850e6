"""The network of a scenario as one graph: topology, hosts, links and their figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import networkx as nx

from mailsim.errors import ConfigError, Problem, error_text
from mailsim.experiment.model import Scenario
from mailsim.experiment.network_model import Link
from mailsim.experiment.spelling import nearest
from mailsim.sim.topologies import topologies

__all__ = ["build_graph"]


def build_graph(scenario: Scenario) -> nx.Graph:
    """Return the network.

    Returns
    -------
    networkx.Graph
        Nodes are host names and the topology's own; every edge has ``latency_ns`` and
        ``bandwidth_bit_s`` (0 for unlimited).

    Raises
    ------
    ConfigError
        If the topology, the place of hosts or links are wrong; bears a problem for each.
    """
    graph = _topology(scenario)
    problems = [*_place_hosts(scenario, graph), *_lay_links(scenario, graph)]
    if problems:
        raise _error(problems)
    default = next((link for link in reversed(scenario.links) if link.between == "*"), None)
    for _, _, figures in graph.edges(data=True):
        if default is not None:
            _fill(figures, "latency_ns", default.latency)
            _fill(figures, "bandwidth_bit_s", default.bandwidth)
        _fill(figures, "latency_ns", 0)
        _fill(figures, "bandwidth_bit_s", 0)
    return graph


def _place_hosts(scenario: Scenario, graph: nx.Graph) -> Iterator[Problem]:
    nodes = set(graph)
    for name, host in scenario.hosts.items():
        if host.at is not None:
            if host.at not in nodes and host.at not in scenario.hosts:
                path = ("hosts", name, "at")
                yield _unknown(path, "node", host.at, [*nodes, *scenario.hosts])
            graph.add_edge(name, host.at)
        elif name not in graph:
            message = f"host {name} is no node of the network; say where it is with 'at: node'"
            yield Problem(("hosts", name), message, on_key=True)


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
        topology = topologies.get(name).from_options(options)
        return topology.graph(list(scenario.hosts))
    except ConfigError as error:
        raise _error([Problem(where, str(error))]) from error
    except Exception as error:  # a class of the user's may raise anything
        raise _error([Problem(where, error_text(error))]) from error


def _error(problems: list[Problem]) -> ConfigError:
    return ConfigError("\n".join(problem.message for problem in problems), tuple(problems))


def _unknown(path: tuple[str | int, ...], what: str, name: str, known: Iterable[Any]) -> Problem:
    return Problem(path, f"unknown {what} {name!r}", nearest(name, map(str, known)))


def _set(figures: dict[str, Any], link: Link) -> None:
    if link.latency is not None:
        figures["latency_ns"] = link.latency
    if link.bandwidth is not None:
        figures["bandwidth_bit_s"] = link.bandwidth


def _fill(figures: dict[str, Any], name: str, value: int | None) -> None:
    if value is not None:
        figures.setdefault(name, value)
