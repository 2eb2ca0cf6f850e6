"""A network from a GraphML file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import networkx as nx

from mailsim.errors import ConfigError
from mailsim.sim.topologies import Topology, topology
from mailsim.units import LARGEST, parse_bandwidth, parse_duration

__all__ = ["File"]


@topology("file")
class File(Topology):
    """Read nodes and links from a GraphML file.

    A link's latency is its attribute ``latency_ms`` (a number) or ``latency`` (such as
    ``12ms``); its bandwidth is ``bandwidth_mbit_s`` or ``bandwidth`` (such as ``10 Gbit/s``).
    Links without them take the scenario's figures for all links.

    Source: GraphML primer, http://graphml.graphdrawing.org/primer/graphml-primer.html

    Example::

        network: {file: networks/europe.graphml}

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> File:
        """Return the topology for ``{file: path}``."""
        if set(options) != {"file"}:
            raise ValueError(f"expected {{file: path}}, got {options!r}")
        return cls(Path(options["file"]))

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the graph of the file; directions and parallel links are merged.

        Raises
        ------
        ConfigError
            If the file is missing, is no GraphML, or a figure in it is wrong.
        """
        try:
            found = nx.read_graphml(self.path)
        except OSError as error:
            raise ConfigError(f"{self.path}: cannot be read: {error.strerror}") from error
        except Exception as error:  # networkx lets through whatever its XML parser raises
            raise ConfigError(f"{self.path}: no GraphML: {error}") from error
        graph = nx.Graph()
        graph.add_nodes_from(found)
        for a, b, attributes in found.edges(data=True):
            if a != b:
                graph.add_edge(a, b, **self._figures(a, b, attributes))
        return graph

    def _figures(self, a: str, b: str, attributes: dict[str, Any]) -> dict[str, int]:
        figures = {}
        try:
            if "latency_ms" in attributes:
                figures["latency_ns"] = _number(attributes, "latency_ms")
            elif "latency" in attributes:
                figures["latency_ns"] = parse_duration(attributes["latency"])
            if "bandwidth_mbit_s" in attributes:
                figures["bandwidth_bit_s"] = _number(attributes, "bandwidth_mbit_s")
                if not figures["bandwidth_bit_s"]:  # which would stand for "unlimited" below
                    raise ValueError("bandwidth_mbit_s: expected a number above 0, got 0")
            elif "bandwidth" in attributes:
                figures["bandwidth_bit_s"] = parse_bandwidth(attributes["bandwidth"])
        except ValueError as error:
            raise ConfigError(f"{self.path}: link {a} - {b}: {error}") from error
        return figures


def _number(attributes: dict[str, Any], name: str) -> int:
    """Return a figure in millions of base units as a whole number of them."""
    figure = float(attributes[name]) * 1e6
    if not (math.isfinite(figure) and 0 <= figure <= LARGEST):
        raise ValueError(f"{name}: expected a number of 0 or more, got {attributes[name]}")
    return round(figure)
