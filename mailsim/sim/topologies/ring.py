"""A ring of routers."""

from __future__ import annotations

from typing import Any

import networkx as nx

from mailsim.sim.topologies import Topology, topology
from mailsim.sim.topologies._options import MOST_NODES, numbers, with_routers

__all__ = ["Ring"]


@topology("ring")
class Ring(Topology):
    """Join routers to a ring, with hosts attached to them in turn.

    Between two of them there are two ways, so one link may fail.  The routers are ``n1``, ``n2``
    and so on.

    Source: metropolitan fibre rings; networkx ``cycle_graph``.

    Example::

        network: {topology: ring, nodes: 6}

    Parameters
    ----------
    nodes : int
        Routers, at least 3; unless said, one for each host.
    """

    def __init__(self, nodes: int | None = None) -> None:
        self.nodes = nodes

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Ring:
        """Return the topology for ``{nodes: number}``."""
        return cls(**numbers("ring", options, nodes=(None, 3, MOST_NODES)))

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the ring."""
        n = self.nodes or max(3, len(hosts))
        return with_routers(n, ((i, (i + 1) % n) for i in range(n)))
