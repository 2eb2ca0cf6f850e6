"""How many replications a point gets, whoever is ready first."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from queueing import queue_file

from mailsim.analysis import is_precise
from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario
from mailsim.experiment.plan import Plan
from mailsim.experiment.sweep import Point
from mailsim.experiment.sweep_model import Sweep, Until

POINTS = [Point(0, {"a": 1}), Point(1, {"a": 2})]
OF = "p95(delay)"
UNTIL = Until(half_width="10%", of=OF, max=60)


def value(point: int, replication: int) -> float:
    """Point 0 always gives the same; point 1 varies by a fifth."""
    rng = np.random.default_rng([point, replication])
    return 10.0 if point == 0 else float(rng.normal(10, 2))


def run(sweep: Sweep, order: random.Random, n_workers: int) -> list[tuple[int, int]]:
    plan = Plan(POINTS, sweep, lambda *_: True)
    working: list[tuple[int, int]] = []
    done = []
    while True:
        while len(working) < n_workers and (task := plan.next()) is not None:
            working.append((task[0].number, task[1]))
        if not working:
            assert len(done) == plan.n_planned
            return sorted(done)
        task_done = working.pop(order.randrange(len(working)))
        plan.done(*task_done, {OF: value(*task_done)})
        done.append(task_done)


def test_without_until_each_point_has_its_replications() -> None:
    assert run(Sweep(repeat=3), random.Random(1), 2) == [(p, r) for p in (0, 1) for r in range(3)]


@pytest.mark.parametrize("n_workers", [1, 3, 8])
def test_until_is_a_function_of_the_results_alone(n_workers: int) -> None:
    sweep = Sweep(repeat=5, until=UNTIL)
    first = run(sweep, random.Random(0), 1)
    assert run(sweep, random.Random(n_workers), n_workers) == first
    counts = [sum(point == p for point, _ in first) for p in (0, 1)]
    assert counts[0] == 5
    assert 10 < counts[1] < 60
    values = [value(1, r) for r in range(counts[1])]
    assert is_precise(values, 0.10)


def test_until_ends_at_its_most() -> None:
    sweep = Sweep(repeat=2, until=Until(half_width="0.1%", of=OF, max=7))
    assert sum(point == 1 for point, _ in run(sweep, random.Random(0), 2)) == 7


def test_replications_come_before_points() -> None:
    plan = Plan(POINTS, Sweep(repeat=2), lambda point, _: point == 1)
    assert [plan.next(), plan.next(), plan.next()] == [(POINTS[1], 0), (POINTS[1], 1), None]
    assert plan.n_planned == 2


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        ("  until: {half_width: 5%, of: p95(dely)}", "21:35: unknown measure 'dely'"),
        ("  until: {half_width: 5%, of: 7}", "expected a measure such as p95(delay), got 7"),
        ("  until: {half_width: 0%, of: finished}", "expected more than 0%"),
        (
            "  until: {half_width: 5%, of: finished, max: 2}\n  repeat: 3",
            "at least the 3 of repeat",
        ),
        ("  measures: ['p95(delay, traffic=male)']", "no traffic 'male' in the scenario; did you"),
        ("  until: {half_width: 5%, of: 'max(queue_depth, host=x)'}", "no host 'x' in the scen"),
    ],
)
def test_refused(tmp_path: Path, sweep: str, expected: str) -> None:
    path = queue_file(tmp_path, f"{sweep}\n")
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert expected in str(caught.value)
