"""The graph of a scenario: which figure of a link wins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario
from mailsim.experiment.network import build_graph
from mailsim.experiment.network_model import Link

MS = 1_000_000

GRAPHML = """\
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="a" for="edge" attr.name="latency" attr.type="string"/>
<key id="b" for="edge" attr.name="latency_ms" attr.type="double"/>
<key id="c" for="edge" attr.name="bandwidth" attr.type="string"/>
<key id="d" for="edge" attr.name="bandwidth_mbit_s" attr.type="double"/>
<graph edgedefault="undirected">
<node id="paris"/><node id="rome"/><node id="oslo"/>
<edge source="paris" target="rome"><data key="a">12ms</data><data key="c">10 Gbit/s</data></edge>
<edge source="rome" target="oslo"><data key="b">1.5</data><data key="d">100</data></edge>
<edge source="oslo" target="paris"/>
</graph></graphml>
"""

SCENARIO = """\
mailsim: 1
duration: 1min
zones:
  example.org: "@ MX 10 mx\\nmx A 192.0.2.25"
hosts:
  mx.example.org: {at: paris, listen: {25: {}}, dns: [example.org]}
  office.example.org: {at: rome, clients: {submit_to: mx.example.org, port: 25}}
network: {file: net.graphml}
links:
LINKS
traffic:
  test: {from: a@example.org, to: b@example.org, arrivals: {once: 1s}}
"""


def graph_of(tmp_path: Path, *links: str, graphml: str = GRAPHML, **changes: str):  # noqa: ANN201
    (tmp_path / "net.graphml").write_text(graphml, encoding="utf-8")
    text = SCENARIO.replace("LINKS", "\n".join(f"  - {link}" for link in links) or "  []")
    for old, new in changes.items():
        text = text.replace(old, new)
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    return build_graph(load_scenario(tmp_path / "s.yaml"))


def test_figures_of_the_file_in_either_spelling(tmp_path: Path) -> None:
    graph = graph_of(tmp_path)
    assert graph.edges["paris", "rome"] == {"latency_ns": 12 * MS, "bandwidth_bit_s": 10**10}
    assert graph.edges["rome", "oslo"] == {"latency_ns": 1_500_000, "bandwidth_bit_s": 10**8}
    assert graph.edges["paris", "oslo"] == {"latency_ns": 0, "bandwidth_bit_s": 0}


def test_the_star_of_links_fills_only_what_has_no_figure(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, '{between: "*", latency: 20ms, bandwidth: 1 Mbit/s}')
    assert graph.edges["paris", "rome"]["latency_ns"] == 12 * MS
    assert graph.edges["paris", "oslo"]["latency_ns"] == 20 * MS
    assert graph.edges["mx.example.org", "paris"] == {
        "latency_ns": 20 * MS,
        "bandwidth_bit_s": 10**6,
    }


def test_a_pair_wins_over_the_file_in_what_it_says(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, "{between: [paris, rome], latency: 99ms}")
    assert graph.edges["paris", "rome"] == {"latency_ns": 99 * MS, "bandwidth_bit_s": 10**10}


def test_a_pair_makes_a_link_that_was_not_there(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, "{between: [mx.example.org, office.example.org], latency: 1ms}")
    assert graph.edges["mx.example.org", "office.example.org"]["latency_ns"] == MS


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("at: paris", "at: pari", "s.yaml:6:24: unknown node 'pari'; did you mean 'paris'?"),
        ("at: paris, ", "", "s.yaml:6:3: host mx.example.org is no node of the network"),
        ("file: net.graphml", "file: none.graphml", "cannot be read: No such file"),
        ("at: paris", "at: mx.example.org", "s.yaml:6:24: expected another node than mx.example"),
        (
            "file: net.graphml",
            "topology: ring, nodes: 2",
            "s.yaml:8:34: nodes: expected a whole number from 3 to 100,000, got 2",
        ),
        ("file: net.graphml", "topology: ring, node: 5", "s.yaml:8:33: node: ring takes nodes"),
        ("file: net.graphml", "topology: networkx", "s.yaml:8:21: the network was given from"),
    ],
)
def test_what_the_scenario_says_wrongly(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        graph_of(tmp_path, **{old: new})
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("12ms", "-12ms", "link paris - rome: latency: expected a duration"),
        ("12ms", "12", "link paris - rome: latency: expected a duration"),
        ("10 Gbit/s", "10 Gb", "link paris - rome: bandwidth: expected a bandwidth"),
        (">1.5<", ">-1.5<", "latency_ms: expected a number of 0 or more, got -1.5"),
        ("</graphml>", "", "no GraphML"),
    ],
)
def test_what_the_file_says_wrongly(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        graph_of(tmp_path, graphml=GRAPHML.replace(old, new))
    assert expected in str(caught.value)


def test_a_link_to_an_unknown_node_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        graph_of(tmp_path, "{between: [paris, romee], latency: 1ms}")
    assert "s.yaml:10:23: unknown host or node 'romee'; did you mean 'rome'?" in str(caught.value)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('{between: "*", latency: -1ms}', "s.yaml:10:29: expected a duration"),
        ("{between: [paris, rome], latency: -1ms}", "s.yaml:10:39: expected a duration"),
    ],
)
def test_no_latency_is_negative(tmp_path: Path, link: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        graph_of(tmp_path, link)
    assert expected in str(caught.value)
    assert "must not be negative" in str(caught.value)


def test_a_latency_may_be_zero(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, "{between: [paris, rome], latency: 0s}")
    assert graph.edges["paris", "rome"]["latency_ns"] == 0


def test_hosts_without_a_place_are_attached_in_turn_and_by_role(tmp_path: Path) -> None:
    ring = graph_of(
        tmp_path,
        **{"file: net.graphml": "topology: ring, nodes: 3", "at: paris, ": "", "rome": "n3"},
    )
    assert "n1" in ring["mx.example.org"]
    assert "n3" in ring["office.example.org"]
    internet = {"file: net.graphml": "topology: internet, nodes: 100"}
    graph = graph_of(tmp_path, **internet, **{"at: paris, ": "", "at: rome, ": ""})
    (mail,), (people,) = graph["mx.example.org"], graph["office.example.org"]
    assert (graph.nodes[mail]["role"], graph.nodes[people]["role"]) == ("business", "access")
    graph = graph_of(tmp_path, **internet, paris="provider", rome="mx.example.org")
    assert graph.nodes[next(iter(graph["mx.example.org"]))]["role"] == "provider"
    assert list(graph["office.example.org"]) == ["mx.example.org"]
    with pytest.raises(ConfigError, match="unknown node 'busines'; did you mean 'business'"):
        graph_of(tmp_path, **internet, paris="busines", rome="core")


def test_a_nodes_bandwidth_is_for_the_links_of_its_hosts(tmp_path: Path) -> None:
    key = '<key id="e" for="node" attr.name="host_bandwidth_up" attr.type="string"/><graph '
    node = '<node id="paris"><data key="e">10 Mbit</data></node>'
    graphml = GRAPHML.replace("<graph ", key).replace('<node id="paris"/>', node)
    graph = graph_of(tmp_path, '{between: "*", bandwidth: 1 Gbit/s}', graphml=graphml)
    assert graph.edges["mx.example.org", "paris"]["bandwidth_bit_s"] == 10_000_000
    assert graph.edges["office.example.org", "rome"]["bandwidth_bit_s"] == 10**9


def test_the_graph_is_built_once_for_the_same_parts(tmp_path: Path) -> None:
    graph = graph_of(tmp_path)
    scenario = load_scenario(tmp_path / "s.yaml")
    assert build_graph(scenario) is build_graph(scenario) is not graph
    other = scenario.model_copy(update={"links": [Link(between="*", latency="1ms")]})
    assert build_graph(other).edges["paris", "oslo"]["latency_ns"] == MS


PLUGIN = """\
import networkx as nx
class Own:
    @classmethod
    def from_options(cls, options):
        return cls()
    def graph(self, hosts):
        return {}
"""


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("[('a', 'b')]", "own_net:Own: expected a networkx graph, got list"),
        (
            "nx.Graph([('paris', 'rome', {'latency_ns': 0.5})])",
            "link paris - rome: latency_ns: exp",
        ),
        ("nx.Graph([('paris', 'rome', {'latency': '2ms'})])", ""),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_graphs_of_a_class_of_ones_own_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: str, expected: str
) -> None:
    (tmp_path / "own_net.py").write_text(PLUGIN.format(made), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_net", raising=False)
    change = {"file: net.graphml": "topology: 'own_net:Own'"}
    if not expected:
        graph = graph_of(tmp_path, **change)
        assert graph.edges["paris", "rome"]["latency_ns"] == 2 * MS
        return
    with pytest.raises(ConfigError) as caught:
        graph_of(tmp_path, **change)
    assert expected in str(caught.value)
