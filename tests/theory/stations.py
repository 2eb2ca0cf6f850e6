"""Waiting lines with a closed form.

Each case is an ordinary scenario, run with seeds of its own; the start-up bias is cut by the
scenario's warm-up.  What is asserted beside the figures: that the controls have the expectation
that they are taken for, and Little's law.
"""

from __future__ import annotations

from functools import partial

from theory.cases import EXPERIMENTS, case, figures
from theory.estimate import Estimate, controlled_mean, known
from theory.judge import Each, Plan, Study
from theory.replication import Replication, Station, replicate

__all__ = ["STUDIES"]

ZERO = ("Wq", "Lq", "P_wait")
"""Of a loss system: exactly 0 in each replication."""


def station(name: str, sets: tuple[str, ...]) -> Station:
    """Return arrival rate and moments of service, as the case's inputs give them."""
    inputs = case(name)["inputs"]
    service_s = inputs["mean"] if "mean" in inputs else inputs.get("D") or 1 / inputs["mu"]
    cv2 = inputs.get("cv2", 0.0 if "D" in inputs else 1.0)
    service_s2 = service_s**2 * (1 + cv2)
    return Station(EXPERIMENTS / f"{name}.yaml", sets, inputs["lam"], service_s, service_s2)


def measure(name: str, plan: Plan, each: Each) -> dict[str, Estimate | float]:
    """Run the replications, and return each figure of the case."""
    seeds = range(1, plan.replications + 1)
    runs = list(each(partial(replicate, station(name, plan.sets)), seeds))
    is_loss = "K" in case(name)["inputs"]
    check(runs, is_loss=is_loss)
    controls = {key: [run.controls[key] for run in runs] for key in runs[0].controls}
    known(controls)
    zeros = [0.0] * len(controls)
    found: dict[str, Estimate | float] = {}
    for figure in figures(name):
        values = [run.measures["util" if figure == "rho" else figure] for run in runs]
        if is_loss and figure in ZERO:
            found[figure] = max(values)
        else:
            found[figure] = controlled_mean(values, list(controls.values()), zeros)
    return found


def check(runs: list[Replication], *, is_loss: bool) -> None:
    """Assert Little's law on each queue, as an identity."""
    for run in runs:
        assert max(map(abs, run.cut.values())) < 1e-6
        assert is_loss or run.measures["P_block"] == 0.0
    # Ten slots at 70 % load are seldom all idle, so some runs do not lend themselves to this.
    laws = [run.little for run in runs if run.little]
    assert len(laws) >= len(runs) / 4
    for law in laws:
        assert set(law) == ({"busy:25"} if is_loss else {"busy:25", "backlog:25"})
        assert max(map(abs, law.values())) < 1e-6


def study(name: str, short: Plan, long: Plan, *tails: str) -> Study:
    return Study(name, partial(measure, name), short, long, tails=frozenset(tails))


STUDIES = (
    study(
        "mm1_rho80",
        Plan(20, ("duration=550s",)),
        Plan(40, ("duration=5000s",)),
        *("W_p95", "W_p99", "Wq_p95", "Wq_p99"),
    ),
    study(
        "mm5_rho80",
        Plan(20, ("duration=180s",)),
        Plan(40, ("duration=2000s",)),
        *("Lq", "Wq", "Wq_cond", "W_p95", "W_p99", "Wq_p95", "Wq_p99"),
    ),
    study("erlangB_c10_a8", Plan(16, ("duration=350s",)), Plan(40, ("duration=1000s",))),
    study(
        "md1_rho80",
        Plan(20, ("duration=550s",)),
        Plan(40, ("duration=5000s",)),
        *("Wq_m2", "Wq_p95", "Wq_p99", "W_p95"),
    ),
    study("mg1_logn_cv4", Plan(20, ("duration=400s",)), Plan(40, ("duration=4000s",)), "Wq_m2"),
)
