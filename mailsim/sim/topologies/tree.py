"""A tree of routers."""

from __future__ import annotations

from typing import Any

import networkx as nx

from mailsim.sim.topologies import Topology, topology
from mailsim.sim.topologies._options import MOST_NODES, numbers, with_routers

__all__ = ["Tree"]


@topology("tree")
class Tree(Topology):
    """Join routers to a tree, filled row by row, with hosts attached to its leaves in turn.

    The routers are ``n1`` (the root), ``n2`` and so on, row by row.

    Source: the access, distribution and core layers of a campus; networkx ``full_rary_tree``.

    Example::

        network: {topology: tree, branching: 3, nodes: 13}

    Parameters
    ----------
    nodes : int
        Routers, the root and the leaves included; unless said, enough for a leaf for each host.
    branching : int
        Children of a router, 2 unless said.
    """

    def __init__(self, nodes: int | None = None, branching: int = 2) -> None:
        self.nodes = nodes
        self.branching = branching

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Tree:
        """Return the topology for ``{nodes: number, branching: number}``."""
        ranges = {"nodes": (None, 1, MOST_NODES), "branching": (2, 1, 1000)}
        return cls(**numbers("tree", options, **ranges))

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the tree."""
        n, b = self.nodes, self.branching
        if n is None:  # n routers have (n - 1 + b - 1) // b that are somebody's parent
            leaves = max(1, len(hosts))
            n = 1 if leaves == 1 or b == 1 else leaves + -(-(leaves - 1) // (b - 1))
        parents = [(i - 1) // b for i in range(1, n)]
        inner = set(parents)
        places = [i for i in range(n) if i not in inner]
        return with_routers(n, zip(parents, range(1, n), strict=True), places)
