"""Edge lists and adjacency lists."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.errors import ConfigError
from mailsim.sim.topologies.adjacency import Adjacency

GRAPHS = Path(__file__).parents[2] / "data" / "graphs"
MS = 1_000_000


def test_lists_of_all_kinds() -> None:
    graph = Adjacency(GRAPHS / "lists.txt").graph([])
    assert list(graph) == ["a", "b", "c", "d", "San Marino", "alone"]
    assert {(a, b): figures for a, b, figures in graph.edges(data=True)} == {
        ("a", "b"): {},
        ("a", "c"): {},
        ("b", "c"): {"latency_ns": 5 * MS, "loss": 0.01, "bandwidth_bit_s": 10_000_000},
        ("c", "d"): {"latency_ns": 2_500_000, "jitter_ns": MS},
        ("d", "San Marino"): {},
    }


@pytest.mark.parametrize("write", [nx.write_adjlist, nx.write_edgelist])
def test_what_networkx_writes(tmp_path: Path, write) -> None:  # noqa: ANN001
    write(nx.path_graph(4), tmp_path / "g.txt")
    graph = Adjacency(tmp_path / "g.txt").graph([])
    assert sorted(graph.edges) == [("0", "1"), ("1", "2"), ("2", "3")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no edge list: the file is empty"),
        ("# nothing\n", "there is no node in it"),
        ("a b\n\0", "line 2: expected names of nodes, got control characters"),
        ('a b\n\na "b', "line 3: a quotation mark is not closed"),
        ("a b latency=1ms c", "line 1: expected key=value, got 'c'"),
        ("a latency=1ms", "line 1: figures of a link without two names before them"),
        ("a b {'latency_ms': }", "line 1: expected a mapping such as"),
        ("a b {1, 2}", "line 1: expected a mapping such as"),
        ("a b latency=-1ms", "link a - b: latency: expected a duration .* must not be negative"),
        ("a b latency=5", "link a - b: latency: expected a duration"),
        ("a b loss=101%", "link a - b: loss: expected a fraction from 0 to less than 1"),
        ("a b jitter=much", "link a - b: jitter: expected a duration"),
    ],
)
def test_wrong_lines_say_where(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "g.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=expected):
        Adjacency(tmp_path / "g.txt").graph([])


def test_no_text(tmp_path: Path) -> None:
    (tmp_path / "g.txt").write_bytes(b"a b\n\xff\xfe")
    with pytest.raises(ConfigError, match=r"not UTF-8 text \(octet 4\)"):
        Adjacency(tmp_path / "g.txt").graph([])


@given(st.binary(max_size=60) | st.text('{}[]()"= \n#ab1:,').map(str.encode))
def test_any_octets_make_a_graph_or_one_error(data: bytes) -> None:
    with suppress(ValueError):
        Adjacency(Path("x.txt")).raw(data)
