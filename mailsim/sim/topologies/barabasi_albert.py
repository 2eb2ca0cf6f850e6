"""A random network in which the rich get richer."""

from __future__ import annotations

from typing import Any

import networkx as nx

from mailsim.sim.topologies import Topology, topology
from mailsim.sim.topologies._options import MOST_NODES, SEED, numbers, with_routers

__all__ = ["BarabasiAlbert"]


@topology("barabasi_albert")
class BarabasiAlbert(Topology):
    """Join each new router to some old ones, to those with many links more likely.

    A few routers end up with very many links, most with few.  They are ``n1``, ``n2`` and so on,
    and hosts are attached to them in turn.

    Source: Barabasi and Albert, Emergence of Scaling in Random Networks, Science 286, 1999;
    networkx ``barabasi_albert_graph``.

    Example::

        network: {topology: barabasi_albert, nodes: 100, new_links: 2, seed: 7}

    Parameters
    ----------
    nodes : int
        Routers, 100 unless said.
    new_links : int
        Links of a new router to old ones, 2 unless said.
    seed : int
        The graph is a function of it, whatever the seed of the run.
    """

    def __init__(self, nodes: int = 100, new_links: int = 2, seed: int = 1) -> None:
        self.nodes = nodes
        self.new_links = new_links
        self.seed = seed

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> BarabasiAlbert:
        """Return the topology for ``{nodes: number, new_links: number, seed: number}``."""
        ranges = {"nodes": (100, 2, MOST_NODES), "new_links": (2, 1, 1000), "seed": SEED}
        found = cls(**numbers("barabasi_albert", options, **ranges))
        if found.new_links >= found.nodes:
            raise ValueError(f"new_links: expected less than nodes, got {found.new_links}")
        return found

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the graph."""
        found = nx.barabasi_albert_graph(self.nodes, self.new_links, seed=self.seed)
        return with_routers(self.nodes, sorted((min(edge), max(edge)) for edge in found.edges))
