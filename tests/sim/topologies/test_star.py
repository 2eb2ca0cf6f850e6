"""A star: every host one link from the middle."""

from __future__ import annotations

import pytest

from mailsim.sim.topologies.star import Star


def test_every_host_is_joined_to_the_center() -> None:
    graph = Star.from_options({"center": "ix"}).graph(["a", "b", "c"])
    assert sorted(map(sorted, graph.edges)) == [["a", "ix"], ["b", "ix"], ["c", "ix"]]


def test_a_host_may_be_the_center() -> None:
    graph = Star("a").graph(["a", "b"])
    assert sorted(graph.nodes) == ["a", "b"]
    assert Star.from_options({}).graph([]).number_of_nodes() == 1


def test_options() -> None:
    with pytest.raises(ValueError, match="star takes"):
        Star.from_options({"middle": "ix"})
