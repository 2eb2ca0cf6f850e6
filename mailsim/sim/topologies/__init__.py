"""Topologies: the shape of the network.  One file, one registered class each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailsim.registry import Room

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Topology", "topologies", "topology"]


class Topology:
    """What all topologies share."""

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Topology:
        """Return the topology that a scenario describes.

        Raises
        ------
        ValueError
            If the options are not what the topology takes; a text that begins with the name of
            an option and a colon is told at the place of that option.
        """
        raise NotImplementedError

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the graph.

        Edges may have ``latency_ns``, ``jitter_ns``, ``bandwidth_bit_s`` (whole numbers) and
        ``loss`` (a fraction).  ``graph.graph["places"]`` may hold lists of nodes by role: a
        host without a place of its own gets the next one of the list, from the start again
        after the last.  Equal options give an equal graph, with nodes and edges in equal order:
        what is random comes from a ``seed`` among the options.
        """
        raise NotImplementedError


topologies: Room[Topology] = Room("topology", "mailsim.sim.topologies", Topology)
topology = topologies.register
