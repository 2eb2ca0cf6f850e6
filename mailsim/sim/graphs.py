"""From what a file or a user gives to a graph that can be simulated."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any, NamedTuple

import networkx as nx

from mailsim.errors import ConfigError
from mailsim.sim.topologies._distance import fibre_ns, great_circle_km
from mailsim.sim.topologies._figures import access_bit_s, link_figures, position_of

__all__ = ["Raw", "checked", "tidy"]

_MEANINGLESS = re.compile(r"n?\d+")
"""Ids that number nodes and name nothing, as most programs write them."""


class Raw(NamedTuple):
    """Nodes and links as they are found, not looked at yet.

    Attributes
    ----------
    nodes : dict
        Attributes by id.
    links : list of tuple
        Two ids, and attributes.
    """

    nodes: dict[str, dict[str, Any]]
    links: list[tuple[str, str, dict[str, Any]]]


def tidy(raw: Raw, where: str) -> nx.Graph:
    """Return the graph of some nodes and links, in their order.

    Parameters
    ----------
    raw : Raw
    where : str
        What it comes from, for errors.

    Raises
    ------
    ConfigError
        If there is no node, a link has an end that is no node, or a figure is wrong.
    """
    if not raw.nodes:
        raise ConfigError(f"{where}: there is no node in it")
    names = _names(raw.nodes)
    graph = nx.Graph()
    places = {}
    for key, attributes in raw.nodes.items():
        try:
            places[key] = position_of(attributes)
            limit = access_bit_s(attributes)
        except ValueError as error:
            raise ConfigError(f"{where}: node {names[key]}: {error}") from error
        graph.add_node(names[key], **({} if limit is None else {"access_bit_s": limit}))
    for a, b, attributes in raw.links:
        link = f"link {names.get(a, a)} - {names.get(b, b)}"
        for end in (a, b):
            if end not in names:
                raise ConfigError(f"{where}: {link}: there is no node {end}")
        try:
            figures = link_figures(attributes)
        except ValueError as error:
            raise ConfigError(f"{where}: {link}: {error}") from error
        here, there = places[a], places[b]
        if "latency_ns" not in figures and here is not None and there is not None:
            figures["latency_ns"] = fibre_ns(great_circle_km(here, there))
        if a != b:
            _lay(graph, names[a], names[b], figures)
    return graph


def _lay(graph: nx.Graph, a: str, b: str, figures: dict[str, Any]) -> None:
    """Join two nodes, unless a link that is there already is the faster one."""
    if graph.has_edge(a, b):
        there = graph.edges[a, b]
        if _rank(there) <= _rank(figures):
            return
        there.clear()
    graph.add_edge(a, b, **figures)


def checked(given: object, where: str) -> nx.Graph:
    """Return a graph of a user's making as one that can be simulated; the given one stays as it is.

    Raises
    ------
    ConfigError
        If it is no networkx graph, or something in it is wrong.
    """
    if not isinstance(given, nx.Graph):  # DiGraph and MultiGraph are subclasses
        raise ConfigError(f"{where}: expected a networkx graph, got {type(given).__name__}")
    ids = {node: str(node) for node in given}
    twins = [text for text, n in Counter(ids.values()).items() if n > 1]
    if twins:
        raise ConfigError(f"{where}: two nodes are called {twins[0]!r} as text")
    raw = Raw(
        {ids[node]: attributes for node, attributes in given.nodes(data=True)},
        [(ids[a], ids[b], attributes) for a, b, attributes in given.edges(data=True)],
    )
    graph = tidy(raw, where)
    if "places" in given.graph:
        names = _names(raw.nodes)
        try:
            graph.graph["places"] = {
                str(role): [names[ids[node]] for node in nodes]
                for role, nodes in given.graph["places"].items()
            }
        except (AttributeError, KeyError, TypeError) as error:
            raise ConfigError(f"{where}: places: expected lists of nodes by role") from error
    return graph


def _names(nodes: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the name of each node by id: its label where the id is but a number.

    Nodes that share a label bear their ids behind it, all of them.
    """
    labels = {}
    for key, attributes in nodes.items():
        label = str(attributes.get("label") or "").strip()
        labels[key] = label if label and _MEANINGLESS.fullmatch(key) else key
    n = Counter(labels.values())
    return {key: label if n[label] == 1 else f"{label} ({key})" for key, label in labels.items()}


def _rank(figures: dict[str, Any]) -> tuple[float, float]:
    """Return the order among parallel links: least latency, then most bandwidth; unknown last."""
    bandwidth = figures.get("bandwidth_bit_s")
    if bandwidth == 0:
        bandwidth = math.inf
    return figures.get("latency_ns", math.inf), -(bandwidth or 0)
