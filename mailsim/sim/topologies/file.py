"""A network from a file, in the form that its name tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx

from mailsim.sim.topologies import Topology, topologies, topology

__all__ = ["File"]

_FORMS = {".graphml": "graphml", ".xml": "graphml", ".gml": "gml"}


@topology("file")
class File(Topology):
    """Read nodes and links from a file: GraphML, GML, or else adjacency lists.

    ``.graphml`` and ``.xml`` are read by the topology graphml, ``.gml`` by gml, all else by
    adjacency.

    Source: file names of the Internet Topology Zoo and of networkx.

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
        """Return the graph of the file.

        Raises
        ------
        ConfigError
            If the file cannot be read, is in another form, or a figure in it is wrong.
        """
        form = _FORMS.get(self.path.suffix.lower(), "adjacency")
        return topologies.get(form).from_options({"file": self.path}).graph(hosts)
