"""``experiments/internet_1000.yaml`` is what its script makes, and shows what it asks for."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.experiment.network import build_graph

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
FILE = EXPERIMENTS / "internet_1000.yaml"


def test_the_file_is_what_the_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("made", EXPERIMENTS / "make_internet_1000.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.text() == FILE.read_text(encoding="utf-8")


def test_hosts_are_where_their_role_puts_them() -> None:
    scenario = ms.load(FILE).scenario
    graph = build_graph(scenario)
    assert len(scenario.directory.mail_domains) == 200
    assert sum("role" in node for _, node in graph.nodes(data=True)) == 1000
    roles = {
        name: {graph.nodes[node].get("role") for node in graph[name]} - {None}
        for name in scenario.hosts
    }
    assert all(roles[f"mx.post{i}.example"] == {"provider"} for i in range(1, 11))
    assert all(roles[f"homes.post{i}.example"] == {"access"} for i in range(1, 11))
    assert all(roles[f"mx.works{i}.example"] == {"business"} for i in range(1, 81))


@pytest.mark.slow
def test_round_trips_are_most_of_a_delivery_and_lookups_part_of_it() -> None:
    run = ms.load(FILE).run()
    fates = run.deliveries["fate"].value_counts()
    assert set(fates.index) <= {"delivered", "queued"}
    assert fates["delivered"] > 4000
    asked = run.lookups[run.lookups["answered_by"] != "cache"]
    assert 0.001 < asked["elapsed_s"].median() < 0.3
    assert 0.3 < run.deliveries["delay_s"].median() < 3
