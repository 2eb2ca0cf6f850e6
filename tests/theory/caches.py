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
from functools import partial
from typing import Any

import numpy as np
from theory.cases import EXPERIMENTS, case, figures
from theory.estimate import controlled_mean, known, mean
from theory.judge import Measured, Plan, Study

import mailsim as ms
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.resolver import Resolver
from mailsim.sim.world import World

__all__ = ["STUDIES"]

CLIENT = "office.example.org"
SERVER = "mx.example.net"
LISTS = tuple(f"bl{i}.example" for i in range(1, 6))


def world_of(name: str, seed: int) -> World:
    """Return the world of a case, without the mail of its scenario."""
    world = build_world(load_scenario(EXPERIMENTS / f"{name}.yaml", ["traffic={}"]), seed, Log())
    assert world.env.now == 0
    return world


def shares(name: str, plan: Plan, seed: int) -> dict[str, float]:
    """Run the scenario once; return its figures, of the whole cycles."""
    lookups = ms.load(EXPERIMENTS / f"{name}.yaml", *plan.sets).run(seed=seed).lookups
    asked = lookups[(lookups["host"] == CLIENT) & (lookups["name"] == SERVER)]
    first, *_, last = np.flatnonzero(asked["answered_by"] != "cache")
    whole = asked.iloc[first:last]
    time_s = asked["at_s"].iloc[last] - asked["at_s"].iloc[first]
    is_miss = whole["answered_by"] != "cache"
    assert (asked["elapsed_s"] == 0).all()
    miss = float(is_miss.mean())
    return {"miss": miss, "hit": 1 - miss, "upstream_qps": float(is_miss.sum() / time_s)}


def misses(name: str, plan: Plan) -> Measured:
    """Return the share that misses."""
    runs = list(map(partial(shares, name, plan), range(1, plan.replications + 1)))
    return {figure: mean([run[figure] for run in runs]) for figure in figures(name)}


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


def coalesced(n: int, seed: int) -> tuple[float, float]:
    """Return the share of lookups that ask upstream, and the mean delay (s)."""
    world = world_of("dns_coalesce", seed)
    ask_at_random(world, case("dns_coalesce")["inputs"]["lam"], n)
    rows = world.log.lookups
    assert len(rows) == n
    # Rows stand there as answers came, cycles are of questions as they were asked.
    rows = sorted(rows, key=lambda row: (row[0], row[4] == "cache"))
    first, *_, last = (i for i, row in enumerate(rows) if row[4] != "cache")
    whole = rows[first:last]
    asked = sum(row[4] != "cache" for row in whole)
    return asked / len(whole), sum(row[6] for row in whole) / len(whole) / SECOND


def under_way(plan: Plan) -> Measured:
    """Questions under way are shared."""
    runs = list(map(partial(coalesced, plan.n), range(1, plan.replications + 1)))
    return {"upstream_ratio": mean([r[0] for r in runs]), "mean_delay": mean([r[1] for r in runs])}


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


def blocklists(n: int, seed: int) -> tuple[float, float, float, float, float]:
    """Return means in turn and at once, the latter's deviation, and moments of single answers."""
    in_turn = ask_lists(world_of("dnsbl_parallel", seed), n, is_parallel=False)
    world = world_of("dnsbl_parallel", seed)
    at_once = ask_lists(world, 3 * n, is_parallel=True)
    each = np.array([row[6] for row in world.log.lookups]) / SECOND
    assert len(each) == 15 * n
    return (
        float(np.mean(in_turn)),
        float(np.mean(at_once)),
        float(np.std(at_once, ddof=1)),
        float(each.mean()),
        float((each**2).mean()),
    )


def in_parallel(plan: Plan) -> Measured:
    """The controls are both moments of the single answers' times, which are exponential."""
    mean_s = case("dnsbl_parallel")["inputs"]["mean"]
    runs = list(map(partial(blocklists, plan.n), range(1, plan.replications + 1)))
    in_turn, at_once, spread, moment_1, moment_2 = (
        list(column) for column in zip(*runs, strict=True)
    )
    expected = [mean_s, 2 * mean_s**2]
    moments = {"first": moment_1, "second": moment_2}
    known(
        {
            name: [value - due for value in values]
            for (name, values), due in zip(moments.items(), expected, strict=True)
        }
    )
    return {
        "sequential": mean(in_turn),
        "parallel": mean(at_once),
        "sd_parallel": controlled_mean(spread, [moment_1, moment_2], expected),
    }


STUDIES = (
    Study(
        "dns_rare",
        partial(misses, "dns_rare"),
        Plan(12, ("duration=300000s",)),
        Plan(20, ("duration=1500000s",)),
    ),
    Study(
        "dns_busy",
        partial(misses, "dns_busy"),
        Plan(6, ("duration=15000s",)),
        Plan(20, ("duration=30000s",)),
    ),
    Study("dns_coalesce", under_way, Plan(12, n=10_000), Plan(40, n=20_000)),
    Study("dnsbl_parallel", in_parallel, Plan(12, n=100), Plan(20, n=800)),
)
