"""A ring of routers."""

from __future__ import annotations

import networkx as nx
import pytest

from mailsim.sim.topologies.ring import Ring


def test_each_router_has_two_neighbours() -> None:
    graph = Ring.from_options({"nodes": 5}).graph(["a"])
    assert list(graph) == graph.graph["places"]["router"] == ["n1", "n2", "n3", "n4", "n5"]
    assert set(dict(graph.degree).values()) == {2}
    assert nx.is_connected(graph)


def test_a_router_for_each_host_but_a_ring_anyway() -> None:
    assert len(Ring().graph(["a", "b", "c", "d"])) == 4
    assert len(Ring().graph([])) == 3


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"nodes": 2}, "nodes: expected a whole number from 3 to 100,000, got 2"),
        ({"nodes": 4.0}, "nodes: expected a whole number"),
        ({"nodes": True}, "nodes: expected a whole number"),
        ({"nodes": "5"}, "nodes: expected a whole number"),
        ({"size": 5}, "size: ring takes nodes and no 'size'"),
    ],
)
def test_wrong_options(options: dict[str, object], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Ring.from_options(options)
