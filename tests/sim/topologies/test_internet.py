"""The Internet as a graph of autonomous systems."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import networkx as nx
import pytest

from mailsim.sim.topologies._as_graph import as_graph
from mailsim.sim.topologies.internet import Internet


def test_tiers_are_those_of_the_source() -> None:
    graph = Internet.from_options({"nodes": 1000}).graph([])
    assert nx.is_connected(graph)
    roles = Counter(role for _, role in graph.nodes(data="role"))
    assert 4 <= roles["core"] <= 6
    assert (roles["access"], roles["provider"]) == (150, 50)
    places = graph.graph["places"]
    assert {role: len(nodes) for role, nodes in places.items()} == roles
    assert all(graph.nodes[node]["role"] == role for role in places for node in places[role])


def test_latencies_are_those_of_an_earth() -> None:
    """Half the equator is 20 015 km; most customers are near their provider."""
    graph = Internet().graph([])
    latencies = sorted(edge["latency_ns"] for _, _, edge in graph.edges(data=True))
    assert latencies[0] >= 0
    assert latencies[-1] <= 20_016 * 5004
    assert latencies[len(latencies) // 2] < 5_000_000
    assert all(
        -90 <= node["lat"] <= 90 and -180 <= node["lon"] <= 180
        for _, node in graph.nodes(data=True)
    )


def test_a_function_of_its_seed() -> None:
    one, same, other = (Internet(100, seed=seed).graph([]) for seed in (1, 1, 2))
    assert list(one.edges(data=True)) == list(same.edges(data=True)) != list(other.edges(data=True))
    assert list(one.nodes(data=True)) == list(same.nodes(data=True))


CODE = """
import hashlib
from mailsim.sim.topologies import topologies
for name in ("internet", "waxman", "barabasi_albert", "tree", "ring", "mesh", "star"):
    options = {} if name in ("tree", "ring", "mesh", "star") else {"nodes": 150, "seed": 3}
    graph = topologies.get(name).from_options(options).graph(["c.example", "a.example", "b"])
    text = repr((list(graph.nodes(data=True)), list(graph.edges(data=True)), graph.graph))
    print(name, hashlib.sha256(text.encode()).hexdigest())
"""


def test_nodes_and_links_are_in_one_order_whatever_the_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("\n") == 7


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="nodes: expected a whole number from 50 to 10,000"):
        Internet.from_options({"nodes": 10})


@pytest.mark.parametrize(("nodes", "seed"), [(50, 1), (300, 2), (1000, 4)])
def test_faster_draws_make_the_graph_of_networkx(nodes: int, seed: int) -> None:
    theirs, ours = nx.random_internet_as_graph(nodes, seed=seed), as_graph(nodes, seed)
    assert list(ours.nodes(data="type")) == list(theirs.nodes(data="type"))
    assert list(ours.edges(data=True)) == list(theirs.edges(data=True))
