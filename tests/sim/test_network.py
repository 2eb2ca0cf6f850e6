"""Paths through a network that changes are those of a network made anew."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsim.errors import RunError
from mailsim.sim.network import Network
from mailsim.sim.routes import Routes

NODES = "abcdefg"
PAIRS = [(a, b) for a in NODES for b in NODES if a < b]
FIGURES = st.fixed_dictionaries(
    # few values, so that ways of equal latency are the rule
    {"latency_ns": st.integers(0, 3), "bandwidth_bit_s": st.sampled_from([0, 7, 9])}
)
GRAPHS = st.dictionaries(st.sampled_from(PAIRS), FIGURES, min_size=4)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "down", "up", "ask", "ask"]),
        st.integers(0, 100),
        FIGURES,
        st.sampled_from(NODES),
        st.sampled_from(NODES),
    ),
    max_size=25,
)


def graph_of(links: dict[tuple[str, str], dict[str, int]]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(NODES)
    graph.add_edges_from((a, b, figures) for (a, b), figures in links.items())
    return graph


def told(network: Network, source: str, target: str) -> object:
    if not network.reaches(source, target):
        with pytest.raises(RunError, match=f"no way through the network from {source} to"):
            network.path(source, target)
        return None
    path = network.path(source, target)
    links = network.links_between(source, target)
    return path.latency_ns, path.bandwidth_bit_s, links


def everything(network: Network) -> dict[tuple[str, str], object]:
    return {(a, b): told(network, a, b) for a in NODES for b in NODES}


@settings(max_examples=200, deadline=None)
@given(GRAPHS, STEPS)
def test_paths_after_changes_are_those_of_a_new_network(links, steps) -> None:  # noqa: ANN001
    network = Network(graph_of(links))
    now = {pair: dict(figures) for pair, figures in links.items()}
    down: set[tuple[str, str]] = set()
    for what, i, figures, source, target in steps:
        pair = sorted(now)[i % len(now)]
        if what == "set":
            before = network.set_link(*pair, **figures)
            assert before == now[pair]
            now[pair] = figures
        elif what == "down" and pair not in down:
            network.take_down(*pair)
            down.add(pair)
        elif what == "up" and pair in down:
            network.bring_up(*pair)
            down.remove(pair)
        else:
            told(network, source, target)
        assert network.figures(*pair) == now[pair]
    fresh = Network(graph_of({pair: now[pair] for pair in now if pair not in down}))
    assert everything(network) == everything(fresh)


@given(GRAPHS)
def test_latencies_are_those_of_networkx(links) -> None:  # noqa: ANN001
    graph = graph_of(links)
    network = Network(graph)
    expected = dict(nx.all_pairs_dijkstra_path_length(graph, weight="latency_ns"))
    for a in NODES:
        for b in NODES:
            found = network.path(a, b).latency_ns if network.reaches(a, b) else None
            assert found == expected[a].get(b)


@given(GRAPHS, st.permutations([(a, b) for a in NODES for b in NODES]))
def test_neither_the_order_of_questions_nor_of_links_matters(links, questions) -> None:  # noqa: ANN001
    """The way back is the way there, whichever end's tree told it."""
    network = Network(graph_of(links))
    other = Network(graph_of(dict(reversed(links.items()))))
    for source, target in questions:
        way = told(network, source, target)
        assert way == told(other, source, target)
        back = told(other, target, source)
        if way is not None:
            assert back == (*way[:2], [(b, a) for a, b in reversed(way[2])])  # type: ignore[index]


def square() -> Network:
    """Return a - b - c - d - a, with a way of 2 from a to c over b and one of 22 over d."""
    graph = nx.Graph()
    for a, b, latency in (("a", "b", 1), ("b", "c", 1), ("c", "d", 12), ("d", "a", 10)):
        graph.add_edge(a, b, latency_ns=latency, bandwidth_bit_s=0)
    return Network(graph)


def test_what_a_change_does_not_concern_stays() -> None:
    network = square()
    kept, ab = network.path("b", "c"), network.path("a", "b")
    network.set_link("d", "c", latency_ns=13)
    assert network.path("a", "b") is ab, "no way to b uses c - d"
    network.set_link("d", "c", latency_ns=11)
    assert network.path("a", "b") is ab, "d is 11 from b, and would be 12 over c"
    network.set_link("a", "d", latency_ns=3)  # d alone gets nearer to b
    assert network.path("a", "d").latency_ns == 3
    network.take_down("a", "b")
    assert network.path("a", "b").latency_ns == 15
    assert network.path("b", "c").latency_ns == kept.latency_ns


def test_a_destination_has_one_tree() -> None:
    routes = Routes("abcd", [("a", "b", 1), ("b", "c", 1), ("c", "d", 12), ("d", "a", 10)])
    assert [routes.way(source, "c") for source in "abd"] == [
        ("c", ["a", "b", "c"]),
        ("c", ["b", "c"]),
        ("c", ["d", "c"]),
    ]
    assert routes.change("b", "c", None) == ["c"], "the one that was dropped"


def test_latencies_beyond_all_measure() -> None:
    graph = nx.path_graph("abc")
    nx.set_edge_attributes(graph, 2**63 - 1, "latency_ns")
    nx.set_edge_attributes(graph, 0, "bandwidth_bit_s")
    assert Network(graph).path("a", "c").latency_ns == 2**64 - 2


def test_equal_latency_goes_over_fewer_links() -> None:
    graph = nx.Graph()
    for a, b in (("a", "b"), ("b", "c"), ("a", "c")):
        graph.add_edge(a, b, latency_ns=0, bandwidth_bit_s=0)
    assert Network(graph).links_between("a", "c") == [("a", "c")]


def test_a_link_is_up_when_all_who_took_it_down_have_brought_it_up() -> None:
    network = square()
    network.take_down("a", "b")
    network.take_down("b", "a")
    network.bring_up("a", "b")
    assert not network.is_up("a", "b")
    assert network.path("a", "b").latency_ns == 23
    assert network.links_of("a") == [("a", "b"), ("a", "d")]
    network.set_link("a", "b", latency_ns=5)
    assert network.path("a", "b").latency_ns == 23
    network.bring_up("a", "b")
    assert network.is_up("b", "a")
    assert network.path("a", "b").latency_ns == 5


def test_a_figure_that_the_graph_did_not_have() -> None:
    network = square()
    assert network.set_link("a", "b", loss=0.5) == {"loss": 0}
    assert network.set_link("a", "b", loss=0.0) == {"loss": 0.5}


def test_a_bandwidth_changes_the_paths_over_it() -> None:
    network = square()
    assert network.path("a", "c").flight_ns(1000) == 2
    network.set_link("b", "c", bandwidth_bit_s=8_000_000)
    assert network.path("a", "c").flight_ns(1000) == 2 + 1_000_000
    assert network.path("a", "a").flight_ns(1000) == 0


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda n: n.path("a", "z"), "no way through the network from a to z"),
        (lambda n: n.links_between("a", "z"), "no way through the network from a to z"),
        (lambda n: n.set_link("a", "c", latency_ns=1), "no link between a and c"),
        (lambda n: n.set_link("a", "b", latency=1), "a link has latency_ns, .*, and no latency"),
        (lambda n: n.take_down("a", "c"), "no link between a and c"),
        (lambda n: n.bring_up("a", "b"), "the link a - b is up already"),
    ],
)  # fmt: skip
def test_errors(call, expected: str) -> None:  # noqa: ANN001
    with pytest.raises(RunError, match=expected):
        call(square())
