"""Waiting lines with a closed form: the simulator must find it, within 3 % and surely.

Each case is an ordinary scenario of ``experiments/theory``, run 40 times with seeds of its own;
the start-up bias is cut by the scenario's warm-up.  A figure passes if it is within 3 % of theory
*and* four standard errors are within those 3 % too, so that a poor measurement fails.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import pytest
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, controlled_mean, mean
from theory.station import Replication, Station, replicate

REPLICATIONS = 40
TIMES = ("Wq", "W", "Lq", "L", "P_wait", "util")


class Task(NamedTuple):
    """A case, how long to run it, and which of its figures to compare."""

    name: str
    duration: str
    figures: tuple[str, ...]


TASKS = (
    Task("mm1_rho80", "1700s", (*TIMES, "Wq_p95", "Wq_cond", "W_p50", "W_p95")),
    Task("mm5_rho80", "500s", (*TIMES, "Wq_cond", "W_p50", "W_p95")),
    Task("erlangB_c10_a8", "1000s", ("P_block", "thr", "refused_per_s", "W", "L", "util")),
    Task("md1_rho80", "1700s", (*TIMES, "Wq_p95", "W_p95")),
    Task("mg1_logn_cv4", "1100s", TIMES),
)

OMITTED = {
    "mm1_rho80": ("W_p99", "Wq_p99"),
    "mm5_rho80": ("W_p99", "Wq_p95", "Wq_p99"),
    "md1_rho80": ("Wq_m2", "Wq_p99"),
    "mg1_logn_cv4": ("Wq_m2",),
}
"""Figures too poorly known to be judged at this length of run: four standard errors are 3.7 to
7.4 % of them, 11 % for mg1, and so above the 3 % allowed.  They take 2 to 14 times as long."""
ZERO = ("Wq", "Lq", "P_wait")
"""Of a loss system: exactly 0 in each replication, which is asserted there."""


def station(name: str, duration: str, inputs: dict[str, float]) -> Station:
    """Return arrival rate and moments of service, as the case's inputs give them."""
    service_s = inputs["mean"] if "mean" in inputs else inputs.get("D") or 1 / inputs["mu"]
    cv2 = inputs.get("cv2", 0.0 if "D" in inputs else 1.0)
    service_s2 = service_s**2 * (1 + cv2)
    path = EXPERIMENTS / f"{name}.yaml"
    return Station(path, (f"duration={duration}",), inputs["lam"], service_s, service_s2)


def replications(station: Station) -> list[Replication]:
    # Spawned, not forked: pytest has threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        return list(pool.map(replicate, [station] * REPLICATIONS, range(1, REPLICATIONS + 1)))


def estimates(runs: list[Replication], figures: tuple[str, ...]) -> dict[str, Estimate]:
    names = list(runs[0].controls)
    controls = [[run.controls[name] for run in runs] for name in names]
    zeros = [0.0] * len(names)
    return {
        figure: controlled_mean([run.measures[figure] for run in runs], controls, zeros)
        for figure in figures
    }


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_figure_is_compared_or_known_to_be_left_out(task: Task) -> None:
    theory = case(task.name)
    zero = ZERO if "K" in theory["inputs"] else ()
    compared = {*task.figures, *OMITTED.get(task.name, ()), *zero}
    assert set(theory["expected"]) - {"rho"} <= compared  # rho is the load, and so util


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_station_does_as_theory_says(task: Task) -> None:
    theory = case(task.name)
    expected = {"util": theory["expected"].get("rho"), **theory["expected"]}
    delta = theory["tol"]["delta_rel"]
    runs = replications(station(task.name, task.duration, theory["inputs"]))

    wrong = []
    for figure, estimate in estimates(runs, task.figures).items():
        off = estimate.value / expected[figure] - 1
        line = (
            f"{figure}: {estimate.value:.6g} for {expected[figure]:.6g}, {off:+.2%}, "
            f"4 standard errors {4 * estimate.error / expected[figure]:.2%}"
        )
        if not estimate.is_equivalent(expected[figure], delta):
            wrong.append(line)
    assert not wrong, "\n".join(wrong)

    # What counts as known must be so, else a control could bend a wrong estimate right.
    for name in runs[0].controls:
        value, error, _ = mean([run.controls[name] for run in runs])
        assert abs(value) <= 4 * error + 1e-12, f"control {name}: {value:.3g}, error {error:.3g}"

    for run in runs:
        assert max(map(abs, run.cut.values())) < 1e-6

    # Ten slots at 70 % load are seldom all idle, so some runs do not lend themselves to this.
    laws = [run.little for run in runs if run.little]
    assert len(laws) >= REPLICATIONS / 4
    is_loss = "K" in theory["inputs"]
    for law in laws:
        assert set(law) == ({"busy:25"} if is_loss else {"busy:25", "backlog:25"})
        assert max(map(abs, law.values())) < 1e-6
    for run in runs:
        if is_loss:
            assert run.measures["Wq"] == run.measures["Lq"] == run.measures["P_wait"] == 0.0
        else:
            assert run.measures["P_block"] == 0.0
