"""The network of a scenario as one graph: topology, hosts, links and their figures."""

from __future__ import annotations

import difflib
from typing import Any

import networkx as nx

from mailsim.errors import ConfigError, Problem
from mailsim.experiment.model import Link, Scenario
from mailsim.sim.topologies import topologies

__all__ = ["NetworkProblemError", "build_graph"]


class NetworkProblemError(ConfigError):
    """The network cannot be built; bears the problem with its place in the scenario."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, (problem,))
        self.problem = problem


def build_graph(scenario: Scenario) -> nx.Graph:
    """Return the network.

    Returns
    -------
    networkx.Graph
        Nodes are host names and the topology's own; every edge has ``latency_ns`` and
        ``bandwidth_bit_s`` (0 for unlimited).

    Raises
    ------
    NetworkProblemError
        If the topology, a host's place or a link is wrong.
    """
    graph = _topology(scenario)
    for name, host in scenario.hosts.items():
        if host.at is not None:
            if host.at not in graph:
                path = ("hosts", name, "at")
                raise NetworkProblemError(_unknown(path, "node", host.at, graph))
            graph.add_edge(name, host.at)
        elif name not in graph:
            message = f"host {name} is no node of the network; say where it is with 'at: node'"
            raise NetworkProblemError(Problem(("hosts", name), message, on_key=True))
    default = None
    for i, link in enumerate(scenario.links):
        if link.between == "*":
            default = link
            continue
        for j, end in enumerate(link.between):
            if end not in graph:
                place = ("links", i, "between", j)
                raise NetworkProblemError(_unknown(place, "host or node", end, graph))
        a, b = link.between
        if not graph.has_edge(a, b):
            graph.add_edge(a, b)
        _set(graph.edges[a, b], link)
    for _, _, figures in graph.edges(data=True):
        if default is not None:
            _fill(figures, "latency_ns", default.latency)
            _fill(figures, "bandwidth_bit_s", default.bandwidth)
        _fill(figures, "latency_ns", 0)
        _fill(figures, "bandwidth_bit_s", 0)
    return graph


def _topology(scenario: Scenario) -> nx.Graph:
    network = scenario.network
    options: dict[str, Any] = network.model_dump(exclude_none=True)
    name = options.pop("topology", None)
    if network.file is not None and name is None:
        name = "file"
        options["file"] = str(scenario.path.parent / network.file)
    if name is None:
        message = "expected 'topology: NAME' or 'file: PATH'"
        raise NetworkProblemError(Problem(("network",), message, on_key=True))
    try:
        topology = topologies.get(name).from_options(options)
        return topology.graph(list(scenario.hosts))
    except (ConfigError, ValueError) as error:
        key = "topology" if network.topology else "file"
        raise NetworkProblemError(Problem(("network", key), str(error))) from error


def _unknown(path: tuple[str | int, ...], what: str, name: str, graph: nx.Graph) -> Problem:
    near = difflib.get_close_matches(name, [str(node) for node in graph], 1)
    return Problem(path, f"unknown {what} {name!r}", near[0] if near else "")


def _set(figures: dict[str, Any], link: Link) -> None:
    if link.latency is not None:
        figures["latency_ns"] = link.latency
    if link.bandwidth is not None:
        figures["bandwidth_bit_s"] = link.bandwidth


def _fill(figures: dict[str, Any], name: str, value: int | None) -> None:
    if value is not None:
        figures.setdefault(name, value)
