"""What a lookup costs that the cache answers: ``make bench``.

A lookup from the cache is a call, no event: it must cost less than one timeout of bare SimPy,
its row in the table included.  A next hop that is known, which is two lookups, takes no event
either.  Time is that of the processor; the rounds of all subjects take turns, so that a machine
whose speed drifts slows all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from baseline import timeouts
from pytest_benchmark.fixture import BenchmarkFixture

from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.nexthop import NextHop
from mailsim.sim.world import World

FIRST = Path(__file__).parent.parent / "experiments" / "first_mail.yaml"
HOST, DESTINATION, EXCHANGER = "relay.example.org", "example.net", "mx.example.net"
N = 100_000
ROUNDS = 5


def _known() -> tuple[World, NextHop]:
    """Return a host that has found its way to the destination already."""
    world = build_world(load_scenario(FIRST, ["traffic={}"]), 1, Log())
    hop = NextHop(world, HOST)
    world.env.run(until=world.env.process(hop.resolve(DESTINATION, world.next_number())))
    return world, hop


def _subjects(world: World, hop: NextHop) -> dict[str, Callable[[], object]]:
    cached, rows, number = hop.resolver.cached, world.log.lookups, world.next_number()

    def lookups() -> None:
        for _ in range(N):
            cached(EXCHANGER, "A")
        rows.clear()

    def next_hops() -> None:
        for _ in range(N):
            for _ in hop.resolve(DESTINATION, number):
                raise AssertionError("a known next hop took an event")
        rows.clear()

    return {"timeout": timeouts, "lookup": lookups, "next hop": next_hops}


def test_a_lookup_from_the_cache_costs_less_than_a_timeout(benchmark: BenchmarkFixture) -> None:
    """``timeouts`` waits N times."""
    world, hop = _known()
    assert hop.resolver.cached(EXCHANGER, "A") is not None
    subjects = _subjects(world, hop)
    facts: dict[str, list[float]] = {name: [] for name in subjects}

    def rounds() -> None:
        for name, call in subjects.items():
            start = time.process_time()
            call()
            facts[name].append((time.process_time() - start) / N)

    benchmark.pedantic(rounds, rounds=ROUNDS, warmup_rounds=1)
    best = {name: min(times) for name, times in facts.items()}
    print()
    for name, seconds in best.items():
        print(f"{name:<10} {seconds * 1e6:6.3f} us   {seconds / best['timeout']:6.3f} timeouts")
    benchmark.extra_info.update({k: s / best["timeout"] for k, s in best.items()})
    assert best["lookup"] < best["timeout"], "a lookup from the cache costs more than a timeout"
