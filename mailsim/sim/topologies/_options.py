"""Options of topologies, and what those with routers share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import networkx as nx

__all__ = ["MOST_NODES", "SEED", "numbers", "with_routers"]

MOST_NODES = 100_000
"""Beyond, the memory of a graph is counted in gigabytes."""
SEED = (1, 0, 2**63 - 1)
"""Default, least and largest seed."""


def numbers(
    name: str, options: dict[str, Any], **ranges: tuple[float | None, float, float]
) -> dict[str, Any]:
    """Return the options of a topology, each of them a number within its range.

    Parameters
    ----------
    name : str
        Of the topology.
    options : dict
        As the scenario gives them.
    **ranges : tuple of default, least and largest value
        By key.  Where the least is an int, the number must be whole.

    Raises
    ------
    ValueError
        If a key is unknown or a value is no number of the range; names the key.
    """
    for key in options:
        if key not in ranges:
            raise ValueError(f"{key}: {name} takes {', '.join(ranges)} and no {key!r}")
    found: dict[str, Any] = {}
    for key, (default, least, most) in ranges.items():
        value = options.get(key, default)
        is_whole = isinstance(least, int)
        kinds = (int,) if is_whole else (int, float)
        if value is not None and not (
            isinstance(value, kinds)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and least <= value <= most
        ):
            kind = "a whole number" if is_whole else "a number"
            raise ValueError(f"{key}: expected {kind} from {least:,} to {most:,}, got {value!r}")
        found[key] = value
    return found


def with_routers(
    n: int, links: Iterable[tuple[int, int]], places: Sequence[int] | None = None
) -> nx.Graph:
    """Return a graph of routers ``n1``, ``n2`` and so on, with hosts attached to them in turn.

    Parameters
    ----------
    n : int
        How many routers.
    links : iterable of pairs of int
        Which routers are joined, counted from 0.
    places : sequence of int, optional
        Routers that hosts are attached to; all, unless given.
    """
    names = [f"n{i}" for i in range(1, n + 1)]
    graph = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from((names[a], names[b]) for a, b in links)
    graph.graph["places"] = {
        "router": names if places is None else [names[i] for i in places],
    }
    return graph
