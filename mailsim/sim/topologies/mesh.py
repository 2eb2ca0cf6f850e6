"""A full mesh of routers."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import networkx as nx

from mailsim.sim.topologies import Topology, topology
from mailsim.sim.topologies._options import numbers, with_routers

__all__ = ["Mesh"]

_MOST = 1000
"""Half a million links."""


@topology("mesh")
class Mesh(Topology):
    """Join each of some routers to every other, with hosts attached to them in turn.

    The routers are ``n1``, ``n2`` and so on.

    Source: a full mesh of leased lines or tunnels between sites; networkx ``complete_graph``.

    Example::

        network: {topology: mesh, nodes: 4}

    Parameters
    ----------
    nodes : int
        Routers, from 2 to 1000; unless said, one for each host.
    """

    def __init__(self, nodes: int | None = None) -> None:
        self.nodes = nodes

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Mesh:
        """Return the topology for ``{nodes: number}``."""
        return cls(**numbers("mesh", options, nodes=(None, 2, _MOST)))

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the mesh.

        Raises
        ------
        ValueError
            If there are too many hosts for a router each.
        """
        n = self.nodes or max(2, len(hosts))
        if n > _MOST:
            raise ValueError(f"mesh: expected nodes: NUMBER of at most {_MOST} for {n:,} hosts")
        return with_routers(n, combinations(range(n), 2))
