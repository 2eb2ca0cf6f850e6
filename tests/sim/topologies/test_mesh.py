"""A full mesh of routers."""

from __future__ import annotations

import pytest

from mailsim.sim.topologies.mesh import Mesh


def test_each_router_is_joined_to_every_other() -> None:
    graph = Mesh.from_options({"nodes": 6}).graph(["a"])
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (6, 15)
    assert graph.graph["places"]["router"] == list(graph)
    assert len(Mesh().graph(["a", "b", "c"])) == 3


def test_too_many() -> None:
    with pytest.raises(ValueError, match=r"mesh: expected nodes: NUMBER .* for 1,001 hosts"):
        Mesh().graph([str(i) for i in range(1001)])
    with pytest.raises(ValueError, match="nodes: expected a whole number from 2 to 1,000"):
        Mesh.from_options({"nodes": 1001})
