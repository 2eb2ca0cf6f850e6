"""GraphML files of the Internet Topology Zoo and others: defects that do not matter, and errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.errors import ConfigError
from mailsim.sim.topologies.graphml import GraphML

GRAPHS = Path(__file__).parents[2] / "data" / "graphs"


def test_the_usual_defects_do_not_matter() -> None:
    graph = GraphML(GRAPHS / "zoo.graphml").graph([])
    assert list(graph) == ["Oslo (0)", "Bergen", "Oslo (2)"]
    assert graph.edges["Oslo (0)", "Bergen"] == {
        "bandwidth_bit_s": 2_500_000_000,
        "loss": 0.01,  # the default of its key
        "latency_ns": pytest.approx(305 * 5003.5, rel=0.002),  # km, at two thirds of light
    }
    assert graph.edges["Bergen", "Oslo (2)"] == {"loss": 0.5}, "a node without coordinates"


def test_a_byte_order_mark_and_another_encoding(tmp_path: Path) -> None:
    text = '<graphml><graph><node id="Köln"/></graph></graphml>'
    for encoding, head in (
        ("utf-8-sig", ""),
        ("latin-1", '<?xml version="1.0" encoding="latin1"?>'),
    ):
        (tmp_path / "g.graphml").write_bytes((head + text).encode(encoding))
        assert list(GraphML(tmp_path / "g.graphml").graph([])) == ["Köln"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no GraphML: the file is empty"),
        (" \n", "no GraphML: the file is empty"),
        ("hello", "no GraphML: syntax error: line 1, column 0"),
        ("\0\1\2", "no GraphML: not well-formed"),
        ("<html/>", r"no GraphML: expected <graphml> with a <graph>, got <html>"),
        ("<graphml/>", r"no GraphML: expected <graphml> with a <graph>, got <graphml>"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "no GraphML: unknown encoding"),
        ("<graphml><graph/></graphml>", "there is no node in it"),
        ("<graphml><graph><node/></graph></graphml>", "<node> 1 has no id"),
        ('<graphml><graph><edge source="a"/></graph></graphml>', "<edge> 1 has no source and"),
        (
            '<graphml><graph><node id="a"/><edge source="a" target="b"/></graph></graphml>',
            "link a - b: there is no node b",
        ),
    ],
)
def test_what_is_no_graph_says_so(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "g.graphml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=expected):
        GraphML(tmp_path / "g.graphml").graph([])


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.graphml: cannot be read: No such file"):
        GraphML(tmp_path / "none.graphml").graph([])
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        GraphML(tmp_path).graph([])
    with pytest.raises(ValueError, match=r"expected \{file: path\}"):
        GraphML.from_options({"file": "x", "nodes": 3})
