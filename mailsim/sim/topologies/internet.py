"""The Internet as a random graph of autonomous systems."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from mailsim.sim.topologies import Topology, topology
from mailsim.sim.topologies._as_graph import as_graph
from mailsim.sim.topologies._distance import fibre_ns, great_circle_km
from mailsim.sim.topologies._options import SEED, numbers

__all__ = ["Internet"]

_ROLES = {"T": "core", "M": "access", "CP": "provider", "C": "business"}
"""Of networkx's tiers: tier 1, mid-level, content provider, customer."""
_REGIONS = ((40.0, -95.0), (50.0, 10.0), (30.0, 110.0), (-20.0, -55.0), (5.0, 20.0))
"""Latitude and longitude amid the service regions of ARIN, RIPE NCC, APNIC, LACNIC, AFRINIC."""
_SPREAD = {"T": 10.0, "M": 10.0, "CP": 2.0, "C": 2.0}
"""Standard deviation of a place around the region or the provider, in degrees; assumption."""


@topology("internet")
class Internet(Topology):
    """Join autonomous systems as customers and peers, with hosts attached by their role.

    ``at: provider`` puts a host into a content provider's network, ``at: business`` into a
    customer's, ``at: access`` into a mid-level one that sells access, ``at: core`` into one of
    the few in the middle; each host gets the next of that tier.  Without ``at`` it is access for
    a host of clients, business for a mail host, provider for all else.  The systems are ``as1``,
    ``as2`` and so on.

    Each lies somewhere in one of five regions, customers near their first mid-level provider; a
    link has the latency of light in fibre over the distance (the places are assumptions, the
    graph is the source's).

    Source: Elmokashfi, Kvalbein and Dovrolis, On the Scalability of BGP: The Role of Topology
    Growth, IEEE JSAC 28(8), 2010; networkx ``random_internet_as_graph``.

    Example::

        network: {topology: internet, nodes: 1000, seed: 4}

    Parameters
    ----------
    nodes : int
        Autonomous systems, from 50 to 10,000 and 1000 unless said; the source vouches for 1000
        and more.
    seed : int
        The graph is a function of it, whatever the seed of the run.
    """

    def __init__(self, nodes: int = 1000, seed: int = 1) -> None:
        self.nodes = nodes
        self.seed = seed

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Internet:
        """Return the topology for ``{nodes: number, seed: number}``."""
        return cls(**numbers("internet", options, nodes=(1000, 50, 10_000), seed=SEED))

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the graph; nodes also have a ``role``, ``lat`` and ``lon``."""
        found = as_graph(self.nodes, self.seed)
        kinds = dict(sorted(found.nodes(data="type")))
        links = sorted(
            (*sorted((a, b)), str(customer)) for a, b, customer in found.edges.data("customer")
        )
        places = self._places(kinds, links)
        graph = nx.Graph()
        roles: dict[str, list[str]] = {role: [] for role in _ROLES.values()}
        for node, kind in kinds.items():
            name, (lat, lon) = f"as{node + 1}", places[node]
            graph.add_node(name, role=_ROLES[kind], lat=lat, lon=lon)
            roles[_ROLES[kind]].append(name)
        for a, b, _ in links:
            km = great_circle_km(places[a], places[b])
            graph.add_edge(f"as{a + 1}", f"as{b + 1}", latency_ns=fibre_ns(km))
        graph.graph["places"] = roles
        return graph

    def _places(
        self, kinds: dict[int, str], links: list[tuple[int, int, str]]
    ) -> list[tuple[float, float]]:
        """Return where each system lies; providers come before their customers in number."""
        rng = np.random.Generator(np.random.PCG64DXSM(self.seed))
        regions = rng.integers(len(_REGIONS), size=len(kinds)).tolist()
        offsets = rng.standard_normal((len(kinds), 2)).tolist()
        provider: dict[int, int] = {}
        for a, b, customer in links:
            if customer == str(b) and kinds[a] == "M":
                provider.setdefault(b, a)
        places: list[tuple[float, float]] = []
        for node, kind in kinds.items():
            lat, lon = places[provider[node]] if node in provider else _REGIONS[regions[node]]
            north, east = offsets[node]
            lat = min(70.0, max(-50.0, lat + north * _SPREAD[kind]))
            lon = (lon + east * _SPREAD[kind] + 180.0) % 360.0 - 180.0
            places.append((round(lat, 2), round(lon, 2)))
        return places
