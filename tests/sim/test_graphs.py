"""A graph of a user's own: what is taken, what is refused, and what is made of it."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.sim.graphs import checked
from mailsim.sim.topologies._distance import fibre_ns, great_circle_km

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"
HOSTS = ["office.example.org", "mx1.example.org", "relay.example.org", "mx.example.net"]


def test_figures_in_our_names_and_in_those_of_files() -> None:
    given = nx.MultiDiGraph()
    given.add_edge(1, 2, latency_ns=5, bandwidth_bit_s=0, loss=0.25, jitter_ns=3)
    given.add_edge(2, 3, latency="5ms", packet_loss="1%")
    given.add_edge(3, 4, shared="true")
    given.add_edge(3, 2, latency="4ms")
    graph = checked(given, "graph")
    assert list(graph.edges(data=True)) == [
        ("1", "2", {"latency_ns": 5, "bandwidth_bit_s": 0, "loss": 0.25, "jitter_ns": 3}),
        ("2", "3", {"latency_ns": 4_000_000}),
        ("3", "4", {"is_shared": True}),
    ]
    assert type(graph) is nx.Graph
    assert given.has_edge(3, 2), "the given one stays as it is"


@pytest.mark.parametrize(
    ("attributes", "figures"),
    [
        ({"latency": "10 milliseconds"}, {"latency_ns": 10_000_000}),
        (
            {"latency": "1microsecond", "jitter": "2 \u03bcs"},
            {"latency_ns": 1000, "jitter_ns": 2000},
        ),
        ({"latency": "2 \u00b5s"}, {"latency_ns": 2000}),
        ({"latency": "1.5 secs"}, {"latency_ns": 1_500_000_000}),
        ({"bandwidth": "5Mbits"}, {"bandwidth_bit_s": 5_000_000}),
        ({"bandwidth": "977 Kibit"}, {"bandwidth_bit_s": 977 * 1024}),
    ],
)
def test_units_as_shadow_spells_them(attributes: dict[str, str], figures: dict[str, int]) -> None:
    given = nx.Graph()
    given.add_edge("a", "b", **attributes)
    assert checked(given, "graph").edges["a", "b"] == figures


def test_places_of_hosts_by_role() -> None:
    given = nx.path_graph(3)
    given.nodes[2]["label"] = "edge"
    given.graph["places"] = {"leaf": [0, 2]}
    assert checked(given, "graph").graph["places"] == {"leaf": ["0", "edge"]}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"latency_ns": -1}, "latency_ns: expected a number of 0 or more, got -1"),
        ({"latency_ns": 0.5}, "latency_ns: expected a whole number, got 0.5"),
        ({"latency_ns": True}, "latency_ns: expected a number of 0 or more, got True"),
        ({"latency_ns": "x"}, "latency_ns: expected a number of 0 or more, got x"),
        ({"latency_ns": [1]}, r"latency_ns: expected a number of 0 or more, got \[1\]"),
        ({"latency": 5}, "latency: expected a duration"),
        (
            {"latency_ms": 1e300},
            "latency_ms: expected a number of 0 or more, got 1e\\+300: it is too large",
        ),
        ({"loss": 2}, "loss: expected a fraction from 0 to less than 1"),
        ({"loss": 1}, "loss: expected a fraction from 0 to less than 1, or a share"),
        ({"loss": "100%"}, "loss: expected a fraction from 0 to less than 1, or a share"),
        ({"loss": float("nan")}, "loss: expected a fraction"),
        ({"shared": "perhaps"}, "shared: expected true or false, got perhaps"),
        ({"jitter_ns": -3}, "jitter_ns: expected a number of 0 or more"),
        ({"bandwidth": "0 Mbit/s"}, "bandwidth: expected a bandwidth above 0"),
        ({"bandwidth": 10}, "bandwidth: expected a bandwidth"),
        ({"bandwidth": "1.2.3 Kibit"}, "bandwidth: expected a number of 0 or more, got 1.2.3"),
        ({"bandwidth_mbit_s": 0}, "bandwidth_mbit_s: expected a number above 0"),
    ],
)
def test_wrong_attributes_say_where(attributes: dict[str, object], expected: str) -> None:
    given = nx.Graph()
    given.add_edge("a", "b", **attributes)
    with pytest.raises(ConfigError, match=f"^graph: link a - b: {expected}"):
        checked(given, "graph")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("a", "b")], "graph: expected a networkx graph, got list"),
        (nx.Graph(), "graph: there is no node in it"),
        (nx.Graph([(1, "1")]), "graph: two nodes are called '1' as text"),
        (nx.Graph(places={"x": ["z"]}), "there is no node"),
    ],
)
def test_what_is_no_graph(given: object, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        checked(given, "graph")


@pytest.mark.parametrize("places", [{"x": ["z"]}, {"x": 1}, ["a"]])
def test_wrong_places(places: object) -> None:
    given = nx.Graph([("a", "b")], places=places)
    with pytest.raises(ConfigError, match="graph: places: expected lists of nodes by role"):
        checked(given, "graph")


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0.0),
        ((0.0, 0.0), (0.0, 90.0), 10_007.6),  # a quarter of the equator of the mean sphere
        ((90.0, 0.0), (-90.0, 123.0), 20_015.1),
        ((10.0, 179.0), (10.0, -179.0), 219.0),  # across the date line
        ((52.52, 13.40), (48.86, 2.35), 877.1),  # Berlin, Paris
    ],
)
def test_distances(here: tuple[float, float], there: tuple[float, float], km: float) -> None:
    assert great_circle_km(here, there) == pytest.approx(km, rel=0.001)
    assert great_circle_km(there, here) == pytest.approx(great_circle_km(here, there))


def test_a_thousand_kilometres_of_fibre_are_five_milliseconds() -> None:
    assert fibre_ns(1000) == pytest.approx(5_003_461, abs=1)
    assert fibre_ns(0) == 0


def own() -> nx.Graph:
    graph = nx.Graph()
    for host in (*HOSTS, "ns.example.org"):
        graph.add_edge("ix", host, latency="7ms")
    return graph


def test_it_goes_in_from_python(tmp_path: Path) -> None:
    graph = own()
    exp = ms.load(FIRST, "links=[]", graph=graph)
    assert "6 nodes, 5 links" in repr(exp)
    graph.remove_node("ix")  # too late to matter
    run = exp.run(out=tmp_path / "run")
    (fate,) = run.deliveries["fate"]
    assert fate == "delivered"
    assert run.info["scenario"]["network"] == {"topology": "networkx"}
    with pytest.raises(
        ConfigError, match=r"given from Python: give it again, load\(\.\.\., graph="
    ):
        ms.load(FIRST, "network={topology: networkx}")


def test_its_latencies_are_those_of_the_run() -> None:
    slow = own()
    slow.edges["ix", "mx.example.net"]["latency"] = "1s"
    fast, slow_run = (ms.load(FIRST, "links=[]", graph=g).run() for g in (own(), slow))
    assert slow_run.deliveries["delay_s"][0] > fast.deliveries["delay_s"][0] + 5


def test_what_does_not_fit_the_scenario() -> None:
    with pytest.raises(ConfigError, match=r"^graph: expected a networkx graph, got dict"):
        ms.load(FIRST, graph={"a": ["b"]})  # type: ignore[arg-type]
    graph = own()
    graph.remove_node("relay.example.org")
    with pytest.raises(
        ConfigError, match=r"first_mail\.yaml:.*relay.example.org is no node of the"
    ):
        ms.load(FIRST, "links=[]", graph=graph)
    graph.add_node("relay.example.org")
    with pytest.raises(ConfigError, match=r"no link joins host relay\.example\.org to the rest"):
        ms.load(FIRST, "links=[]", graph=graph)
