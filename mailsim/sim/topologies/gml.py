"""A network from a GML file."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from mailsim.sim.topologies import topology
from mailsim.sim.topologies._reading import Raw, Reader

__all__ = ["GML"]

_TOKEN = re.compile(
    r"""(?P<space>\s+|(?:^|(?<=\n))[ \t]*\#[^\n]*)
      | (?P<open>\[) | (?P<close>\])
      | "(?P<text>[^"]*)"
      | (?P<word>[^\s\[\]"]+)""",
    re.VERBOSE,
)


@topology("gml")
class GML(Reader):
    """Read nodes and links from GML, such as the Internet Topology Zoo's or Shadow's.

    Attributes are those of the topology graphml, and so is what they mean.

    Source: Himsolt, GML: A portable Graph File Format, University of Passau, 1997; Knight et
    al., The Internet Topology Zoo, IEEE JSAC 29(9), 2011; Shadow, docs/network_graph_spec.md.

    Example::

        network: {topology: gml, file: networks/small.gml}

    Parameters
    ----------
    path : Path
    """

    form = "GML"

    def raw(self, data: bytes) -> Raw:
        """Return nodes and links; all attributes are text.

        Parallel edges need no ``multigraph 1``, labels may repeat, and letters beyond ASCII may
        stand for themselves, in UTF-8 or Latin-1, none of which the format allows.

        Raises
        ------
        ValueError
            If brackets or keys are amiss, there is no graph, or a node or an edge lacks its
            names; says the line.
        """
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        graph = next((value for key, value, _ in _parse(text) if key == "graph"), None)
        if not isinstance(graph, list):
            raise ValueError("expected graph [ ... ]")
        raw = Raw({}, [])
        for kind, value, line in graph:
            if kind not in ("node", "edge"):
                continue
            if not isinstance(value, list):
                raise ValueError(f"line {line}: expected {kind} [ ... ], got {value!r}")
            attributes = {name: inner for name, inner, _ in value if isinstance(inner, str)}
            if kind == "node":
                (key,) = _needed(attributes, ("id",), f"line {line}: node")
                raw.nodes.setdefault(key, {}).update(attributes)
            else:
                a, b = _needed(attributes, ("source", "target"), f"line {line}: edge")
                raw.links.append((a, b, attributes))
        return raw


def _needed(attributes: dict[str, Any], names: tuple[str, ...], what: str) -> list[str]:
    missing = [name for name in names if name not in attributes]
    if missing:
        raise ValueError(f"{what} has no {' and no '.join(missing)}")
    return [attributes[name] for name in names]


def _parse(text: str) -> list[Any]:
    """Return keys with their values and lines; a value is a text or such a list."""
    top: list[Any] = []
    open_lists, opened_at = [top], [0]
    key, line, at = "", 1, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"line {line}: a quotation mark is not closed")
        at, kind = match.end(), match.lastgroup
        token = match[kind or 0]
        if kind == "close" and not key and len(open_lists) > 1:
            open_lists.pop()
            opened_at.pop()
        elif kind == "word" and not key:
            key = token
        elif kind in ("word", "text", "open") and key:
            value: Any = unescape(token) if kind == "text" else token
            if kind == "open":
                value = []
            open_lists[-1].append((key, value, line))
            if kind == "open":
                open_lists.append(value)
                opened_at.append(line)
            key = ""
        elif kind != "space":
            expected = f"a value of {key}" if key else "a key"
            raise ValueError(f"line {line}: expected {expected}, got {match[0][:40]!r}")
        line += match[0].count("\n")
    if key or len(open_lists) > 1:
        what = f"a value of {key}" if key else f"a ] for the [ of line {opened_at[-1]}"
        raise ValueError(f"line {line}: expected {what}, got the end of the file")
    return top
