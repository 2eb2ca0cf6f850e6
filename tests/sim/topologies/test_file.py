"""GraphML files: figures, defects, errors."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

from mailsim.errors import ConfigError
from mailsim.sim.topologies.file import File

EUROPE = Path(__file__).parents[3] / "experiments" / "networks" / "europe.graphml"


def written(tmp_path: Path, **figures: object) -> File:
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", **figures)
    graph.add_edge("b", "a", **figures)
    graph.add_edge("a", "a")
    nx.write_graphml(graph, tmp_path / "net.graphml")
    return File.from_options({"file": str(tmp_path / "net.graphml")})


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"latency_ms": 12.5, "bandwidth_mbit_s": 10.0}, (12_500_000, 10_000_000)),
        ({"latency": "12ms", "bandwidth": "1 Gbit/s"}, (12_000_000, 1_000_000_000)),
        ({}, (None, None)),
    ],
)
def test_figures(
    tmp_path: Path, figures: dict[str, object], expected: tuple[int | None, int | None]
) -> None:
    graph = written(tmp_path, **figures).graph([])
    assert graph.number_of_edges() == 1, "directions, parallels and loops are merged"
    edge = graph.edges["a", "b"]
    assert (edge.get("latency_ns"), edge.get("bandwidth_bit_s")) == expected


@pytest.mark.parametrize(
    "figures",
    [
        {"latency_ms": -1.0},
        {"latency_ms": float("inf")},
        {"latency_ms": float("nan")},
        {"latency_ms": 1e300},
        {"latency": "12"},
        {"bandwidth": "x"},
        {"bandwidth": "0 bit/s"},
        {"bandwidth_mbit_s": 0},
        {"bandwidth_mbit_s": float("inf")},
    ],
)
def test_wrong_figures_say_where(tmp_path: Path, figures: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"net\.graphml: link a - b"):
        written(tmp_path, **figures).graph([])


def test_missing_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        File(tmp_path / "none.graphml").graph([])
    (tmp_path / "broken.graphml").write_text("<graphml><graph>", encoding="utf-8")
    with pytest.raises(ConfigError, match="no GraphML"):
        File(tmp_path / "broken.graphml").graph([])
    with pytest.raises(ValueError, match="expected"):
        File.from_options({})


def test_the_shipped_network_is_large_and_connected() -> None:
    graph = File(EUROPE).graph([])
    assert graph.number_of_nodes() >= 60
    assert nx.is_connected(graph)
    assert all(edge["latency_ns"] > 0 for _, _, edge in graph.edges(data=True))
