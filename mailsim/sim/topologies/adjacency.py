"""A network from an edge list or adjacency lists."""

from __future__ import annotations

import ast
import re
from typing import Any

from mailsim.sim.topologies import topology
from mailsim.sim.topologies._reading import Raw, Reader

__all__ = ["Adjacency"]

_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')
_FIGURE = re.compile(r"(\w+)=(.*)")


@topology("adjacency")
class Adjacency(Reader):
    """Read nodes and links from text: on each line a node, its neighbours, their figures.

    Two names to a line are an edge list, more of them adjacency lists, one alone is a node.
    ``key=value`` words hold for all links of their line and are spelt as in the topology graphml:
    ``Berlin Paris latency=8ms bandwidth="10 Gbit/s"``; so does the mapping that networkx writes,
    ``Berlin Paris {'latency_ms': 8}``.  Names with blanks stand in quotation marks; ``#``
    begins a remark.

    Source: networkx reference, Reading and writing graphs, Adjacency List and Edge List.

    Example::

        network: {topology: adjacency, file: networks/small.txt}

    Parameters
    ----------
    path : Path
    """

    form = "edge list"

    def raw(self, data: bytes) -> Raw:
        """Return nodes and links.

        Raises
        ------
        ValueError
            If it is no text, or a line cannot be read; says which.
        """
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8 text (octet {error.start})") from error
        raw = Raw({}, [])
        for number, line in enumerate(text.splitlines(), 1):
            try:
                names, figures = _read(line)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from error
            for name in names:
                raw.nodes.setdefault(name, {})
            raw.links.extend((names[0], name, figures) for name in names[1:])
        return raw


def _read(line: str) -> tuple[list[str], dict[str, Any]]:
    """Return the names and the figures of a line."""
    if re.search(r"[\x00-\x08\x0e-\x1f]", line):
        raise ValueError("expected names of nodes, got control characters")
    if _WORD.sub("", line).strip():
        raise ValueError("a quotation mark is not closed")
    names: list[str] = []
    figures: dict[str, Any] = {}
    for match in _WORD.finditer(line):
        word = match[0]
        if word.startswith("#"):
            break
        if word.startswith("{"):
            return names, {**figures, **_mapping(line[match.start() :])}
        figure = _FIGURE.fullmatch(word)
        if figure is not None:
            figures[figure[1]] = figure[2].strip('"')
        elif figures:
            raise ValueError(f"expected key=value, got {word!r}")
        else:
            names.append(word.strip('"'))
    if figures and len(names) < 2:
        raise ValueError("figures of a link without two names before them")
    return names, figures


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"expected a mapping such as {{'latency_ms': 8}}, got {text.strip()[:40]}")
    return found
