"""Lines that do not meet independent arrivals at random: campaigns, people who wait, other gaps."""

from __future__ import annotations

from functools import partial

import numpy as np
from theory.cases import EXPERIMENTS, case, figures
from theory.estimate import Estimate
from theory.judge import Measured, Plan, Study, Within
from theory.lines import Station
from theory.replication import replications
from theory.stations import check, estimates

__all__ = ["STUDIES"]


def campaigns(plan: Plan) -> Measured:
    """Return the figures of a line before which so many messages come at a time."""
    inputs = case("batch50")["inputs"]
    service_s, rate_per_s = 1 / inputs["mu"], inputs["batch_rate"] * inputs["batch"]
    path = EXPERIMENTS / "batch50.yaml"
    moments = rate_per_s, service_s, 2 * service_s**2
    line = Station(path, plan.sets, *moments, 1, {}, arrivals="campaigns")
    runs = replications(line, plan.replications, plan.batches)
    check(runs, line)
    return estimates(runs, figures("batch50"), {name: (name, "each") for name in ("W", "Wq")})


def closed(name: str, plan: Plan) -> Measured:
    """Return what a few people get through who think in between.

    How long they think follows from Little's law on all of them; the bounds of Denning and Buzen
    are made of that and of the service times, as measured, and must hold.
    """
    inputs, expected = case(name)["inputs"], figures(name)
    people, service_s = inputs["N"], inputs["s"]
    line = Station(
        EXPERIMENTS / "closed.yaml",
        plan.sets,
        *(expected["thr"], service_s, 2 * service_s**2),
        *(inputs["c"], {}, people),
        arrivals="closed",
        think_s=inputs["Z"],
    )
    runs = replications(line, plan.replications, plan.batches)
    check(runs, line)
    for run in runs:
        serves_s = run.measures["util"] / run.measures["thr"]
        alone_s = people / run.measures["thr"] - run.measures["W"] + serves_s
        run.measures["N_star"] = alone_s / serves_s
        run.measures["thr_bound"] = min(people / alone_s, 1 / serves_s)
        assert run.measures["thr"] <= run.measures["thr_bound"] + 1e-9
    return estimates(runs, expected)


def bounded(plan: Plan) -> Measured:
    """Return the mean wait beside its bounds, which it must keep, and an approximation."""
    inputs, expected = case("gg1_kingman")["inputs"], figures("gg1_kingman")
    moments = inputs["lam"], inputs["mean_s"], inputs["mean_s"] ** 2 * (1 + inputs["cv2_s"])
    line = Station(EXPERIMENTS / "gg1_kingman.yaml", plan.sets, *moments, 1, {}, arrivals="renewal")
    runs = replications(line, plan.replications, plan.batches)
    check(runs, line)
    (wait,) = estimates(runs, {"Wq": np.nan}).values()
    assert isinstance(wait, Estimate)
    low_s = expected["Wq_lower_marchal"]
    high_s = min(expected["Wq_upper_kingman"], expected["Wq_upper_daley"])
    assert low_s < wait.value < high_s
    return {
        "Wq_upper_kingman": Within(wait.value, expected["Wq_upper_kingman"] - low_s),
        "Wq_upper_daley": Within(wait.value, high_s - low_s),
        "Wq_lower_marchal": Within(wait.value, high_s - low_s),
        "Wq_approx_KLB": Within(wait.value, 0.15 * expected["Wq_approx_KLB"]),
    }


BOUNDS = """\
The wait is between its bounds by more than four standard errors, else there would be no page; and
within the 15 % that its approximation is good for."""
TWENTY = "traffic.mail.arrivals.closed.people=20"
STUDIES = (
    Study(
        "gg1_kingman",
        bounded,
        Plan(1, ("warmup=50s", "duration=1600s"), batches=16),
        Plan(20, ("warmup=50s", "duration=550s")),
        note=BOUNDS,
    ),
    Study(
        "batch50",
        campaigns,
        Plan(1, ("warmup=300s", "duration=24000s"), batches=24),
        Plan(8, ("warmup=500s", "duration=40500s"), batches=4),
        tails=frozenset({"rho", "L", "Lq", "W", "Wq"}),
    ),
    Study(
        "closed_8_c1",
        partial(closed, "closed_8_c1"),
        Plan(1, ("warmup=10s", "duration=600s"), batches=16),
        Plan(20, ("warmup=10s", "duration=300s")),
        scenario="closed",
    ),
    Study(
        "closed_20_c1",
        partial(closed, "closed_20_c1"),
        Plan(1, (TWENTY, "warmup=10s", "duration=600s"), batches=16),
        Plan(20, (TWENTY, "warmup=10s", "duration=300s")),
        scenario="closed",
    ),
)
