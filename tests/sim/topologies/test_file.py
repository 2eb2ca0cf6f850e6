"""GraphML files: figures, defects, errors."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import networkx as nx
import pytest

from mailsim.errors import ConfigError
from mailsim.sim.topologies.file import File

EUROPE = Path(__file__).parents[3] / "experiments" / "networks" / "europe.graphml"


def test_the_shipped_network_is_what_its_script_makes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("made", EUROPE.with_name("make_europe.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    nx.write_graphml_xml(module.europe(), tmp_path / "made.graphml", named_key_ids=True)
    assert (tmp_path / "made.graphml").read_bytes() == EUROPE.read_bytes()


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
        ({"latency": "0s", "bandwidth": "unlimited"}, (0, 0)),
        ({"latency": "", "LinkSpeedRaw": "2.5e9"}, (None, 2_500_000_000)),
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
        {"latency": "-1ms"},
        {"latency_ns": 1.5},
        {"jitter_ms": -2.0},
        {"packet_loss": 1.5},
        {"packet_loss": -0.5},
        {"loss": "half"},
        {"LinkSpeedRaw": "fast"},
        {"LinkSpeedRaw": -1.0},
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("net.graphml", '<graphml><graph><node id="a"/></graph></graphml>'),
        ("net.XML", '<graphml><graph><node id="a"/></graph></graphml>'),
        ("net.gml", "graph [ node [ id a ] ]"),
        ("net.edges", "a"),
        ("net", "a"),
    ],
)
def test_the_ending_tells_the_form(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(File(tmp_path / name).graph([])) == ["a"]


@pytest.mark.parametrize("name", ["small.gml", "small.txt"])
def test_the_shipped_samples_are_connected(name: str) -> None:
    graph = File(EUROPE.parent / name).graph([])
    assert sorted(graph) == ["Berlin", "Depot", "Madrid", "Paris", "Rome"]
    assert nx.is_connected(graph)
    assert any("loss" in edge and "jitter_ns" in edge for _, _, edge in graph.edges(data=True))
