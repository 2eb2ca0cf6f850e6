"""What a large network costs: ``make bench``.

A delivered message costs what it costs, whatever the number of nodes: its route was worked out
once, and that is measured apart.  All figures are time of the processor.  The rounds of both
sizes take turns, so that a machine whose speed drifts slows both.
"""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.experiment.model import Scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.world import World

INTERNET = Path(__file__).parent.parent / "experiments" / "internet_1000.yaml"
SMALL, LARGE, HUGE = 50, 5000, 10_000
ROUNDS = 5
MOST_RATIO, MOST_S = 1.2, 10.0
END_S = 600


def _internet(nodes: int) -> Scenario:
    return load_scenario(INTERNET, [f"network.nodes={nodes}"])


def _world(scenario: Scenario) -> World:
    """Return a world in which all hosts know the way to all others."""
    world = build_world(scenario, 1, Log())
    for source, target in product(scenario.hosts, repeat=2):
        world.network.path(source, target)
    return world


def _per_message(scenario: Scenario) -> float:
    world = _world(scenario)
    start = time.process_time()
    world.env.run(until=END_S * SECOND)
    return (time.process_time() - start) / world.ledger.counts["delivered"]


def test_a_message_costs_the_same_in_a_large_network(benchmark: BenchmarkFixture) -> None:
    scenarios = {nodes: _internet(nodes) for nodes in (SMALL, LARGE)}
    facts: dict[int, list[float]] = {SMALL: [], LARGE: []}

    def rounds() -> None:
        for nodes, scenario in scenarios.items():
            facts[nodes].append(_per_message(scenario))

    benchmark.pedantic(rounds, rounds=ROUNDS, warmup_rounds=1)
    best = {nodes: min(times) for nodes, times in facts.items()}
    ratio = best[LARGE] / best[SMALL]
    benchmark.extra_info["ratio"] = ratio
    print()
    for nodes, each in best.items():
        print(f"{nodes:>6} nodes  {each * 1e6:6.1f} us per message")
    print(f"ratio {ratio:.3f}")
    assert ratio < MOST_RATIO, f"a message costs {ratio:.2f} times as much in a large network"


def test_ten_thousand_nodes_are_built_and_routed() -> None:
    """From the file to the paths between all hosts, each pair both ways; time of the processor."""
    start = time.process_time()
    scenario = _internet(HUGE)
    built_s = time.process_time() - start
    _world(scenario)
    whole_s, n = time.process_time() - start, len(scenario.hosts)
    print(f"\n{HUGE} nodes  built in {built_s:.2f} s, {n * n} paths in {whole_s - built_s:.2f} s")
    assert whole_s < MOST_S, f"took {whole_s:.1f} s"
