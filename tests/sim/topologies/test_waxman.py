"""A network on a plane."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest

from mailsim.sim.topologies.waxman import Waxman


@pytest.mark.parametrize("options", [{}, {"beta": 0.0}, {"alpha": 0.01}, {"side_km": 0.0}])
def test_it_hangs_together(options: dict[str, float]) -> None:
    graph = Waxman.from_options({"nodes": 60, **options}).graph([])
    assert nx.is_connected(graph)
    assert graph.graph["places"]["router"] == list(graph)
    assert all(edge["latency_ns"] >= 0 for _, _, edge in graph.edges(data=True))


def test_without_chance_the_bridges_are_a_tree() -> None:
    assert nx.is_tree(Waxman(40, beta=0.0).graph([]))


def test_latency_is_light_in_fibre() -> None:
    longest = max(
        e["latency_ns"] for _, _, e in Waxman(80, beta=1.0, alpha=100.0).graph([]).edges(data=True)
    )
    assert 0.5 < longest / (3000 * math.sqrt(2) * 5003.5) <= 1


def test_number_of_links_is_what_the_law_says() -> None:
    """The mean of exp(-d / reach) over random pairs, held against the share of pairs joined."""
    n, alpha, beta = 800, 0.2, 0.3
    rng = np.random.default_rng(5)
    a, b = rng.random((2, 200_000, 2))
    expected = beta * np.exp(-np.hypot(*(a - b).T) / (alpha * math.sqrt(2))).mean()
    found = Waxman(n, alpha=alpha, beta=beta).graph([]).number_of_edges() / math.comb(n, 2)
    assert found == pytest.approx(expected, rel=0.05)


def test_a_function_of_its_seed() -> None:
    one, same, other = (
        list(Waxman(50, seed=seed).graph([]).edges(data=True)) for seed in (1, 1, 2)
    )
    assert one == same != other


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"beta": 1.5}, "beta: expected a number from 0.0 to 1.0, got 1.5"),
        ({"alpha": 0}, "alpha: expected a number"),
        ({"alpha": float("nan")}, "alpha: expected a number"),
        ({"gamma": 1}, "gamma: waxman takes nodes, alpha, beta, side_km, seed and no 'gamma'"),
    ],
)
def test_wrong_options(options: dict[str, object], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Waxman.from_options(options)


def test_too_dense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailsim.sim.topologies.waxman._MOST_LINKS", 100)
    with pytest.raises(ValueError, match="waxman: more than 100 links"):
        Waxman(50, beta=1.0, alpha=10.0).graph([])
