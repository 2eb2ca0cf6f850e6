"""A tree of routers."""

from __future__ import annotations

import networkx as nx
import pytest

from mailsim.sim.topologies.tree import Tree


def test_rows_are_filled_in_order_and_hosts_go_to_the_leaves() -> None:
    graph = Tree.from_options({"nodes": 8, "branching": 3}).graph([])
    assert nx.is_tree(graph)
    assert sorted(graph["n1"]) == ["n2", "n3", "n4"]
    assert sorted(graph["n2"]) == ["n1", "n5", "n6", "n7"]
    assert graph.graph["places"] == {"router": ["n4", "n5", "n6", "n7", "n8"]}


@pytest.mark.parametrize("branching", [1, 2, 3, 7])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 57])
def test_a_leaf_for_each_host(n: int, branching: int) -> None:
    graph = Tree.from_options({"branching": branching}).graph([f"h{i}" for i in range(n)])
    assert nx.is_tree(graph)
    leaves = len(graph.graph["places"]["router"])
    assert leaves == (1 if branching == 1 else max(1, n))
    assert max(dict(graph.degree).values()) <= branching + 1


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="branching: expected a whole number from 1 to 1,000"):
        Tree.from_options({"branching": 0})
