"""A random network on a plane, in which near routers are joined more likely."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from mailsim.sim.topologies import Topology, topology
from mailsim.sim.topologies._distance import fibre_ns
from mailsim.sim.topologies._options import SEED, numbers, with_routers

__all__ = ["Waxman"]

_MOST_LINKS = 2_000_000


@topology("waxman")
class Waxman(Topology):
    """Join routers at random places of a square with a chance that falls with distance.

    Two of them at a distance d are joined with probability ``beta * exp(-d / (alpha * L))``, L
    being the diagonal.  Parts that are left apart are then joined to the largest by the shortest
    possible link, which the model does not do.  A link has the latency of light in fibre
    over its length.  The routers are ``n1``, ``n2`` and so on; hosts are attached to them
    in turn.

    Source: Waxman, Routing of Multipoint Connections, IEEE JSAC 6(9), 1988, with the names and
    defaults of networkx ``waxman_graph``.

    Example::

        network: {topology: waxman, nodes: 50, alpha: 0.2, side_km: 1000, seed: 3}

    Parameters
    ----------
    nodes : int
        Routers, 100 unless said.
    alpha : float
        How far links reach, as a share of the diagonal; 0.1 unless said.
    beta : float
        How many links there are; 0.4 unless said.
    side_km : float
        Side of the square in kilometres; 3000 unless said, about Europe's.
    seed : int
        The graph is a function of it, whatever the seed of the run.
    """

    def __init__(
        self,
        nodes: int = 100,
        alpha: float = 0.1,
        beta: float = 0.4,
        side_km: float = 3000.0,
        seed: int = 1,
    ) -> None:
        self.nodes = nodes
        self.alpha = alpha
        self.beta = beta
        self.side_km = side_km
        self.seed = seed

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Waxman:
        """Return the topology for ``{nodes, alpha, beta, side_km, seed}``, all of them numbers."""
        return cls(
            **numbers(
                "waxman",
                options,
                nodes=(100, 2, 20_000),
                alpha=(0.1, 0.001, 100.0),
                beta=(0.4, 0.0, 1.0),
                side_km=(3000.0, 0.0, 20_000.0),
                seed=SEED,
            )
        )

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the graph.

        Raises
        ------
        ValueError
            If it would have more than two million links.
        """
        rng = np.random.Generator(np.random.PCG64DXSM(self.seed))
        points = rng.random((self.nodes, 2)) * self.side_km
        reach = self.alpha * self.side_km * 2**0.5 or 1.0  # on a point all are near
        links: list[tuple[int, int]] = []
        for i in range(self.nodes - 1):
            chance = self.beta * np.exp(-_km(points[i], points[i + 1 :]) / reach)
            near = np.flatnonzero(rng.random(len(chance)) < chance) + (i + 1)
            links += [(i, j) for j in near.tolist()]
            if len(links) > _MOST_LINKS:
                raise ValueError(f"waxman: more than {_MOST_LINKS:,} links; beta or alpha is less")
        links += _bridges(points, links)
        graph = with_routers(self.nodes, links)
        names = list(graph)
        for a, b in links:
            edge = graph.edges[names[a], names[b]]
            edge["latency_ns"] = fibre_ns(float(_km(points[a], points[b])))
        return graph


def _km(here: np.ndarray, there: np.ndarray) -> Any:
    """Return the distances."""
    return np.hypot(there[..., 0] - here[0], there[..., 1] - here[1])


def _bridges(points: np.ndarray, links: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the links that join all parts to the largest one, each the shortest there is."""
    graph = nx.empty_graph(len(points))
    graph.add_edges_from(links)
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    main = np.array(sorted(parts[0]))
    found = []
    for part in parts[1:]:
        best = min(
            (float(km[k]), int(i), int(main[k]))
            for i in sorted(part)
            for km in [_km(points[i], points[main])]
            for k in [int(np.argmin(km))]
        )
        found.append(best[1:])
        main = np.append(main, sorted(part))
    return found
