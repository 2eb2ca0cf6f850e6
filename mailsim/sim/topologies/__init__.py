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
            If the options are not what the topology takes.
        """
        raise NotImplementedError

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the graph; edges may have ``latency_ns`` and ``bandwidth_bit_s``."""
        raise NotImplementedError


topologies: Room[Topology] = Room("topology", "mailsim.sim.topologies", Topology)
topology = topologies.register
