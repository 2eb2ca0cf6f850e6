"""A network from a GraphML file."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from mailsim.sim.topologies import topology
from mailsim.sim.topologies._reading import Raw, Reader

__all__ = ["GraphML"]


@topology("graphml")
class GraphML(Reader):
    """Read nodes and links from GraphML, such as the Internet Topology Zoo's or Shadow's.

    A link's figures are its attributes ``latency`` (such as ``12ms``) or ``latency_ms``,
    ``bandwidth`` (such as ``10 Gbit/s``), ``bandwidth_mbit_s`` or ``LinkSpeedRaw`` (bit/s),
    ``loss`` or ``packet_loss`` (a fraction, or such as ``0.1%``), ``jitter`` or ``jitter_ms``.
    Without a latency, that of light in fibre between ``Latitude`` and ``Longitude`` of its ends;
    without that too, the scenario's figure for all links.  A node's ``host_bandwidth_up`` and
    ``host_bandwidth_down`` are for the links of hosts to it.  A node whose id is a number is
    called by its ``label``.

    Source: GraphML primer, http://graphml.graphdrawing.org/primer/graphml-primer.html; Knight
    et al., The Internet Topology Zoo, IEEE JSAC 29(9), 2011; Shadow, docs/network_graph_spec.md.

    Example::

        network: {topology: graphml, file: networks/europe.graphml}

    Parameters
    ----------
    path : Path
    """

    form = "GraphML"

    def raw(self, data: bytes) -> Raw:
        """Return nodes and links; all attributes are text, whatever type the file gives them.

        Files declare a type and break it (whole numbers with a decimal point), mix directed and
        undirected edges, and leave parallel ones unannounced: none of that matters here.

        Raises
        ------
        ValueError
            If it is no XML, has no graph, or a node or an edge in it lacks its names.
        """
        try:
            root = ElementTree.fromstring(data)
        except (ElementTree.ParseError, LookupError) as error:  # or an unknown encoding
            raise ValueError(str(error)) from error
        for element in root.iter():
            if isinstance(element.tag, str):  # a comment's is not
                element.tag = element.tag.rpartition("}")[2]
        if root.tag != "graphml" or root.find("graph") is None:
            raise ValueError(f"expected <graphml> with a <graph>, got <{root.tag}>")
        keys = {key.get("id", ""): key for key in root.iter("key")}
        nodes: dict[str, dict[str, Any]] = {}
        for number, node in enumerate(root.iter("node"), 1):
            name = node.get("id")
            if name is None:
                raise ValueError(f"<node> {number} has no id")
            nodes.setdefault(name, {}).update(_attributes(node, keys, "node"))
        links = []
        for number, edge in enumerate(root.iter("edge"), 1):
            a, b = edge.get("source"), edge.get("target")
            if a is None or b is None:
                raise ValueError(f"<edge> {number} has no source and target")
            links.append((a, b, _attributes(edge, keys, "edge")))
        return Raw(nodes, links)


def _attributes(
    element: ElementTree.Element, keys: dict[str, ElementTree.Element], kind: str
) -> dict[str, str]:
    found = {}
    for key in keys.values():
        default = key.findtext("default")
        if default is not None and key.get("for") in (kind, "all"):
            found[key.get("attr.name", "")] = default
    for data in element.findall("data"):
        name = data.get("key", "")
        if name in keys:
            name = keys[name].get("attr.name", name)
        found[name] = data.text or ""
    return found
