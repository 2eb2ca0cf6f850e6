"""Paths through the network: how long a flight takes from host to host."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx

from mailsim.errors import RunError

__all__ = ["Network", "Path"]


class Path:
    """The way from one host to another.

    Parameters
    ----------
    latency_ns : int
        Propagation, one way.
    bandwidth_bit_s : int
        Of the narrowest link; 0 for no limit.
    """

    __slots__ = ("bandwidth_bit_s", "latency_ns")

    def __init__(self, latency_ns: int, bandwidth_bit_s: int) -> None:
        self.latency_ns = latency_ns
        self.bandwidth_bit_s = bandwidth_bit_s

    def flight_ns(self, size_bytes: int) -> int:
        """Return how long ``size_bytes`` octets take: propagation plus transmission."""
        if self.bandwidth_bit_s:
            return self.latency_ns + size_bytes * 8_000_000_000 // self.bandwidth_bit_s
        return self.latency_ns


class Network:
    """Shortest paths by latency over a graph; each source is worked out once, when asked.

    Parameters
    ----------
    graph : networkx.Graph
        Edges with ``latency_ns`` and ``bandwidth_bit_s`` (0 for no limit), whole numbers.
    """

    def __init__(self, graph: nx.Graph) -> None:
        self._graph = graph
        self._ways: dict[str, dict[str, list[str]]] = {}
        self._paths: dict[tuple[str, str], Path] = {}

    def path(self, source: str, target: str) -> Path:
        """Return the path from ``source`` to ``target``; a host reaches itself in no time.

        Raises
        ------
        RunError
            If there is none.
        """
        path = self._paths.get((source, target))
        if path is None:
            path = self._paths[source, target] = self._find(source, target)
        return path

    def _find(self, source: str, target: str) -> Path:
        ways = self._ways.get(source)
        if ways is None:
            ways = nx.single_source_dijkstra_path(self._graph, source, weight="latency_ns")
            self._ways[source] = ways
        if target not in ways:
            raise RunError(f"no way through the network from {source} to {target}")
        nodes = ways[target]
        links = [self._graph.edges[a, b] for a, b in pairwise(nodes)]
        limits = [link["bandwidth_bit_s"] for link in links if link["bandwidth_bit_s"]]
        return Path(sum(link["latency_ns"] for link in links), min(limits, default=0))
