"""A network in which the rich get richer."""

from __future__ import annotations

import networkx as nx
import pytest

from mailsim.sim.topologies.barabasi_albert import BarabasiAlbert


def test_links_per_new_router() -> None:
    graph = BarabasiAlbert.from_options({"nodes": 200, "new_links": 3}).graph([])
    assert graph.number_of_edges() == 3 * (200 - 3)
    assert nx.is_connected(graph)
    degrees = sorted(dict(graph.degree).values())
    assert degrees[-1] > 5 * degrees[100], "a few have very many"


def test_a_function_of_its_seed() -> None:
    one, same, other = (list(BarabasiAlbert(50, seed=seed).graph([]).edges) for seed in (1, 1, 2))
    assert one == same != other


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="new_links: expected less than nodes, got 5"):
        BarabasiAlbert.from_options({"nodes": 5, "new_links": 5})
    with pytest.raises(ValueError, match="seed: expected a whole number"):
        BarabasiAlbert.from_options({"seed": -1})
