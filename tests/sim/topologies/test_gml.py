"""GML files of the Internet Topology Zoo and of Shadow: defects that do not matter, and errors."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.errors import ConfigError
from mailsim.sim.topologies.gml import GML

GRAPHS = Path(__file__).parents[2] / "data" / "graphs"
MS = 1_000_000


def test_the_usual_defects_do_not_matter() -> None:
    graph = GML(GRAPHS / "zoo.gml").graph([])
    assert list(graph) == ["Zürich", "Genève", "Bern (2)", "Bern (3)", "Somewhere", "5"]
    fast = graph.edges["Zürich", "Genève"]
    assert fast["bandwidth_bit_s"] == 10**10, "of parallel links the fastest"
    assert fast["latency_ns"] == pytest.approx(224 * 5003.5, rel=0.01)
    assert "bandwidth_bit_s" not in graph.edges["Zürich", "Bern (2)"], "0 is no knowledge"
    assert graph.edges["Bern (2)", "Bern (3)"] == {"latency_ns": 0}
    assert graph.edges["Bern (3)", "Somewhere"] == {"bandwidth_bit_s": 155_520_000}
    assert graph.edges["Somewhere", "5"] == {"latency_ns": 3 * MS, "loss": 0.25}
    assert nx.number_of_selfloops(graph) == 0


def test_latin_1(tmp_path: Path) -> None:
    (tmp_path / "g.gml").write_bytes('graph [ node [ id 0 label "Köln" ] ]'.encode("latin-1"))
    assert list(GML(tmp_path / "g.gml").graph([])) == ["Köln"]


def test_figures_of_shadow() -> None:
    graph = GML(GRAPHS / "shadow.gml").graph([])
    assert graph.edges["client", "server"] == {
        "latency_ns": 50 * MS,
        "jitter_ns": 2 * MS,
        "loss": 0.01,
    }
    assert graph.nodes["client"]["access_bit_s"] == 10_000_000, "the smaller of up and down"
    assert graph.nodes["server"]["access_bit_s"] == 81920 * 1024


def test_what_networkx_writes(tmp_path: Path) -> None:
    written = nx.MultiDiGraph()
    written.add_node("a b", Latitude=1.0, Longitude=2.0)
    written.add_edge("a b", "ü", latency="2ms", loss=0.5)
    written.add_edge("ü", "a b", latency="3ms")
    nx.write_gml(written, tmp_path / "g.gml")
    graph = GML(tmp_path / "g.gml").graph([])
    assert list(graph.edges(data=True)) == [("a b", "ü", {"latency_ns": 2 * MS, "loss": 0.5})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no GML: the file is empty"),
        ("hello", "no GML: line 1: expected a value of hello, got the end of the file"),
        ("graph 1", r"no GML: expected graph \[ ... \]"),
        ("node [ id 1 ]", r"no GML: expected graph \[ ... \]"),
        ("graph [", r"line 1: expected a \] for the \[ of line 1, got the end of the file"),
        ("graph [\n node [ id ]\n]", r"line 2: expected a value of id, got '\]'"),
        ("graph [ ] ]", r"line 1: expected a key, got '\]'"),
        ('graph [\n"x" 1 ]', "line 2: expected a key, got '\"x\"'"),
        ('graph [ label "x', "line 1: a quotation mark is not closed"),
        ("graph [ node 5 ]", r"line 1: expected node \[ ... \], got '5'"),
        ("graph [\n\nnode [ label 1 ] ]", "line 3: node has no id"),
        ("graph [ node [ id 1 ]\nedge [ source 1 ] ]", "line 2: edge has no target"),
        ("graph [ ]", "there is no node in it"),
        ("graph [ node [ id 1 ] edge [ source 1 target 7 ] ]", "link 1 - 7: there is no node 7"),
        ("graph [ node [ id 1 Latitude 91 Longitude 0 ] ]", "node 1: Latitude: expected degrees"),
        ("graph [ node [ id 1 lat 1 lon x ] ]", "node 1: lon: expected degrees from -180 to 180"),
    ],
)
def test_what_is_no_graph_says_where(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "g.gml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=expected):
        GML(tmp_path / "g.gml").graph([])


@given(st.binary(max_size=60) | st.text('[]" \n#ab1').map(str.encode))
def test_any_octets_make_a_graph_or_one_error(data: bytes) -> None:
    with suppress(ValueError):
        GML(Path("x.gml")).raw(data)


def test_a_million_brackets_are_an_error_and_no_crash() -> None:
    with pytest.raises(ValueError, match="got the end of the file"):
        GML(Path("x.gml")).raw(b"graph [ " + b"a [ " * 100_000)
