"""Caches of names: the share that misses, what a miss costs, and blocklists asked at once.

From one miss to the next is a cycle that owes nothing to what was before.  Figures are those of
the whole cycles of a run, so that its edges do not count (regenerative method: A. M. Law,
"Simulation Modeling and Analysis", 5th edition (2015), section 9.5.3).

The first two cases are ordinary runs, in which each message looks up its server.  For the others
so many lookups are needed that a process asks the resolver of a host by itself; the scenario
gives it the network, the zones and the name servers.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, controlled_mean, mean

import mailsim as ms
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.resolver import Resolver
from mailsim.sim.world import World

CLIENT = "office.example.org"
SERVER = "mx.example.net"
LISTS = tuple(f"bl{i}.example" for i in range(1, 6))


def world_of(name: str, seed: int) -> World:
    """Return the world of a case, without the mail of its scenario."""
    world = build_world(load_scenario(EXPERIMENTS / f"{name}.yaml", ["traffic={}"]), seed, Log())
    assert world.env.now == 0
    return world


def judge(name: str, estimates: dict[str, Estimate]) -> None:
    theory = case(name)
    assert set(estimates) == set(theory["expected"])
    for figure, estimate in estimates.items():
        expected = theory["expected"][figure]
        assert estimate.is_equivalent(expected, theory["tol"]["delta_rel"]), (
            f"{figure}: {estimate.value:.6g} for {expected:.6g}, "
            f"4 standard errors {4 * estimate.error / expected:.2%}"
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "replications", "duration_s"), [("dns_rare", 20, 1e6), ("dns_busy", 10, 3e4)]
)
def test_the_share_that_misses(name: str, replications: int, duration_s: float) -> None:
    theory = case(name)
    loaded = ms.load(EXPERIMENTS / f"{name}.yaml", f"duration={duration_s:.0f}s")
    figures: dict[str, list[float]] = {figure: [] for figure in theory["expected"]}
    for seed in range(1, replications + 1):
        lookups = loaded.run(seed=seed).lookups
        asked = lookups[(lookups["host"] == CLIENT) & (lookups["name"] == SERVER)]
        first, *_, last = np.flatnonzero(asked["answered_by"] != "cache")
        whole = asked.iloc[first:last]
        time_s = asked["at_s"].iloc[last] - asked["at_s"].iloc[first]
        is_miss = whole["answered_by"] != "cache"
        figures["miss"].append(is_miss.mean())
        figures["hit"].append(1 - is_miss.mean())
        figures["upstream_qps"].append(is_miss.sum() / time_s)
        assert (asked["elapsed_s"] == 0).all()
    judge(name, {figure: mean(values) for figure, values in figures.items()})


def ask_at_random(world: World, per_s: float, n: int) -> None:
    """Let ``n`` Poisson lookups come, each in a process of its own where it has to wait."""
    resolver, draws = Resolver.of(world, CLIENT), world.streams["lookups"]

    def arrivals() -> Generator[Any, Any, None]:
        for _ in range(n):
            yield world.env.timeout(round(draws.exponential() / per_s * SECOND))
            if resolver.cached(SERVER, "A") is None:
                world.env.process(resolver.ask(SERVER, "A", world.next_number()))

    world.env.process(arrivals())
    world.env.run()


@pytest.mark.slow
def test_questions_under_way_are_shared() -> None:
    name, n = "dns_coalesce", 20_000
    inputs = case(name)["inputs"]
    ratios, delays = [], []
    for seed in range(1, 21):
        world = world_of(name, seed)
        ask_at_random(world, inputs["lam"], n)
        rows = world.log.lookups
        assert len(rows) == n
        # Rows stand there as answers came, cycles are of questions as they were asked.
        rows = sorted(rows, key=lambda row: (row[0], row[4] == "cache"))
        first, *_, last = (i for i, row in enumerate(rows) if row[4] != "cache")
        whole = rows[first:last]
        ratios.append(sum(row[4] != "cache" for row in whole) / len(whole))
        delays.append(sum(row[6] for row in whole) / len(whole) / SECOND)
    judge(name, {"upstream_ratio": mean(ratios), "mean_delay": mean(delays)})


def ask_lists(world: World, n: int, *, is_parallel: bool) -> list[float]:
    """Return how long it took to ask all lists about each of ``n`` clients (s)."""
    resolver, env, took = Resolver.of(world, SERVER), world.env, []

    def one(client: str, name: str) -> Generator[Any, Any, None]:
        answer = yield from resolver.ask(f"{client}.{name}", "A", world.next_number())
        assert answer.status == "NXDOMAIN"

    def each() -> Generator[Any, Any, None]:
        for i in range(n):
            client, started = f"{i % 256}.{i // 256}.51.198", env.now
            if is_parallel:
                yield env.all_of([env.process(one(client, name)) for name in LISTS])
            else:
                for name in LISTS:
                    yield from one(client, name)
            took.append((env.now - started) / SECOND)

    env.run(until=env.process(each()))
    return took


@pytest.mark.slow
def test_blocklists_in_sequence_and_in_parallel() -> None:
    """The controls are both moments of the single answers' times, which are exponential."""
    name = "dnsbl_parallel"
    mean_s = case(name)["inputs"]["mean"]
    in_turn, at_once, spread, moment_1, moment_2 = [], [], [], [], []
    for seed in range(1, 21):
        in_turn.append(float(np.mean(ask_lists(world_of(name, seed), 300, is_parallel=False))))
        world = world_of(name, seed)
        took = ask_lists(world, 1000, is_parallel=True)
        each = np.array([row[6] for row in world.log.lookups]) / SECOND
        assert len(each) == 5000
        at_once.append(float(np.mean(took)))
        spread.append(float(np.std(took, ddof=1)))
        moment_1.append(float(each.mean()))
        moment_2.append(float((each**2).mean()))
    expected = [mean_s, 2 * mean_s**2]
    for moment, known in zip((moment_1, moment_2), expected, strict=True):
        value, error, _ = mean(moment)
        assert abs(value - known) <= 4 * error
    judge(
        name,
        {
            "sequential": mean(in_turn),
            "parallel": mean(at_once),
            "sd_parallel": controlled_mean(spread, [moment_1, moment_2], expected),
        },
    )
