"""Paths through the network: how long a flight takes from host to host."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx

from mailsim.errors import RunError
from mailsim.sim.rough import Rough, rough_of
from mailsim.sim.routes import Routes
from mailsim.sim.tcp import transmission_ns

__all__ = ["Network", "Path"]

_FIGURES = ("latency_ns", "jitter_ns", "bandwidth_bit_s", "loss")


class Path:
    """The way from one host to another.

    Parameters
    ----------
    latency_ns : int
        Propagation, one way.
    bandwidth_bit_s : int
        Of the narrowest link; 0 for no limit.
    rough : Rough or None
        Its jitter, loss and shared links, if it has any.
    """

    __slots__ = ("bandwidth_bit_s", "latency_ns", "rough")

    def __init__(self, latency_ns: int, bandwidth_bit_s: int, rough: Rough | None = None) -> None:
        self.rough = rough
        self.latency_ns = latency_ns
        self.bandwidth_bit_s = bandwidth_bit_s

    def flight_ns(self, size_bytes: int) -> int:
        """Return how long ``size_bytes`` octets take: propagation plus transmission."""
        return self.latency_ns + transmission_ns(size_bytes, self.bandwidth_bit_s)


class Network:
    """Shortest paths by latency over a graph whose links may change while it is used.

    What is asked for is worked out once, per destination, and again only where a change
    concerns it.  The same graph gives the same paths, whatever was asked and changed before.

    Parameters
    ----------
    graph : networkx.Graph
        Edges with ``latency_ns`` and ``bandwidth_bit_s`` (0 for no limit), whole numbers, and
        perhaps ``jitter_ns`` and ``loss``.  It is copied.
    """

    def __init__(self, graph: nx.Graph) -> None:
        self._links: dict[tuple[str, str], dict[str, Any]] = {}
        self._down: dict[tuple[str, str], int] = {}
        self._neighbours: dict[str, list[str]] = {node: [] for node in graph}
        for a, b, figures in graph.edges(data=True):
            self._links[_pair(a, b)] = dict(figures)
            self._neighbours[a].append(b)
            self._neighbours[b].append(a)
        latencies = ((a, b, link["latency_ns"]) for (a, b), link in self._links.items())
        self._routes = Routes(graph, latencies)
        self._paths: dict[tuple[str, str], Path] = {}
        self._told_by: dict[str, list[tuple[str, str]]] = {}

    def path(self, source: str, target: str) -> Path:
        """Return the path from ``source`` to ``target``; a host reaches itself in no time.

        Not to be kept: after a change of the network it is another one, so ask again.

        Raises
        ------
        RunError
            If there is none.
        """
        path = self._paths.get((source, target))
        if path is None:
            path = self._paths[source, target] = self._find(source, target)
        return path

    def reaches(self, source: str, target: str) -> bool:
        """Tell whether there is a path from ``source`` to ``target``."""
        return (source, target) in self._paths or self._routes.way(source, target) is not None

    def links_between(self, source: str, target: str) -> list[tuple[str, str]]:
        """Return the links of the path, in its order, each from its near to its far end.

        Raises
        ------
        RunError
            If there is no path.
        """
        return list(pairwise(self._way(source, target)[1]))

    def links_of(self, node: str) -> list[tuple[str, str]]:
        """Return all links of a node, those that are down too, from it to each neighbour."""
        return [(node, other) for other in self._neighbours[node]]

    def figures(self, a: str, b: str) -> dict[str, Any]:
        """Return a copy of the figures of a link, whether it is up or down.

        Raises
        ------
        RunError
            If there is no such link.
        """
        return dict(self._link(a, b))

    def set_link(self, a: str, b: str, **figures: Any) -> dict[str, Any]:
        """Change some figures of a link, whether it is up or down.

        Parameters
        ----------
        a, b : str
            Its ends, either way round.
        **figures : int or float
            ``latency_ns``, ``jitter_ns``, ``bandwidth_bit_s`` or ``loss``.

        Returns
        -------
        dict
            What these figures were before, so that they can be set back.

        Raises
        ------
        RunError
            If there is no such link, or links have no such figure.
        """
        link, pair = self._link(a, b), _pair(a, b)
        unknown = [name for name in figures if name not in _FIGURES]
        if unknown:
            raise RunError(f"a link has {', '.join(_FIGURES)}, and no {unknown[0]}")
        before = {name: link.get(name, 0) for name in figures}
        if before != figures:
            link.update(figures)
            if pair not in self._down:
                self._forget(self._routes.using(a, b))
                self._forget(self._routes.change(a, b, link["latency_ns"]))
        return before

    def take_down(self, a: str, b: str) -> None:
        """Cut a link.  Whoever takes it down brings it up again: it is up when all have.

        Raises
        ------
        RunError
            If there is no such link.
        """
        self._link(a, b)
        pair = _pair(a, b)
        self._down[pair] = self._down.get(pair, 0) + 1
        if self._down[pair] == 1:
            self._forget(self._routes.change(a, b, None))

    def bring_up(self, a: str, b: str) -> None:
        """Mend a link that was taken down, with the figures that it has by now.

        Raises
        ------
        RunError
            If there is no such link, or it is up.
        """
        link, pair = self._link(a, b), _pair(a, b)
        if pair not in self._down:
            raise RunError(f"the link {a} - {b} is up already")
        self._down[pair] -= 1
        if not self._down[pair]:
            del self._down[pair]
            self._forget(self._routes.change(a, b, link["latency_ns"]))

    def is_up(self, a: str, b: str) -> bool:
        """Tell whether a link is up.

        Raises
        ------
        RunError
            If there is no such link.
        """
        self._link(a, b)
        return _pair(a, b) not in self._down

    def _find(self, source: str, target: str) -> Path:
        root, nodes = self._way(source, target)
        self._told_by.setdefault(root, []).append((source, target))
        links = [self._links[_pair(a, b)] for a, b in pairwise(nodes)]
        limits = [link["bandwidth_bit_s"] for link in links if link["bandwidth_bit_s"]]
        latency_ns = sum(link["latency_ns"] for link in links)
        return Path(latency_ns, min(limits, default=0), rough_of(nodes, links))

    def _way(self, source: str, target: str) -> tuple[str, list[str]]:
        way = self._routes.way(source, target)
        if way is None:
            raise RunError(f"no way through the network from {source} to {target}")
        return way

    def _link(self, a: str, b: str) -> dict[str, Any]:
        link = self._links.get(_pair(a, b))
        if link is None:
            raise RunError(f"no link between {a} and {b}")
        return link

    def _forget(self, roots: list[str]) -> None:
        """Forget the paths that the trees with these roots have told."""
        for root in roots:
            for pair in self._told_by.pop(root, ()):
                self._paths.pop(pair, None)


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)
