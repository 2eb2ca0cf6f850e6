"""A star: every host has one link to a centre."""

from __future__ import annotations

from typing import Any

import networkx as nx

from mailsim.sim.topologies import Topology, topology

__all__ = ["Star"]


@topology("star")
class Star(Topology):
    """Join every host to one exchange point in the middle.

    Source: an Internet exchange as seen by its members; networkx ``star_graph``.

    Example::

        network: {topology: star, center: ix}

    Parameters
    ----------
    center : str
        Name of the middle node.
    """

    def __init__(self, center: str = "center") -> None:
        self.center = center

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Star:
        """Return the topology for ``{center: name}``; the name may be left out."""
        if set(options) - {"center"}:
            raise ValueError(f"star takes {{center: name}}, got {options!r}")
        return cls(**options)

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the star of these hosts."""
        graph = nx.Graph()
        graph.add_node(self.center)
        graph.add_edges_from((self.center, host) for host in hosts if host != self.center)
        return graph
