"""Connections open at a time on a server that never says no: M/G/inf."""

from __future__ import annotations

from functools import partial

import numpy as np
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, controlled_mean, known, mean
from theory.judge import Each, Plan, Study

import mailsim as ms
from mailsim.analysis import depth_steps

__all__ = ["STUDIES"]

MOST = 200


def replicate(plan: Plan, seed: int) -> tuple[np.ndarray, float, float]:
    """Run once; return the share of time with each number open, and controls."""
    run = ms.load(EXPERIMENTS / "open_connections.yaml", *plan.sets).run(seed=seed)
    from_s, to_s = run.frames.warmup_s, run.frames.simulated_s
    at_s, depth = depth_steps(run.queues, "mx.example.org", "busy:25", from_s, to_s)
    shares = np.bincount(depth[:-1].astype(int), np.diff(at_s), MOST) / (to_s - from_s)
    # Who came late has not left yet, and has no row: the last minute would miss the long ones.
    to_s -= 60
    sessions = run.sessions[run.sessions["opened_at_s"].between(from_s, to_s)]
    inputs = case("mginf_connections")["inputs"]
    per_s = len(sessions) / (to_s - from_s)
    return shares, per_s - inputs["lam"], sessions["service_s"].mean() - inputs["hold"]


def measure(plan: Plan, each: Each) -> dict[str, Estimate]:
    """Return the mean, and what varies much more: variance, tail and quantile."""
    runs = list(each(partial(replicate, plan), range(1, plan.replications + 1)))
    numbers = np.arange(MOST)
    controls = {"arrivals": [run[1] for run in runs], "hold": [run[2] for run in runs]}
    known(controls)
    open_mean = controlled_mean([run[0] @ numbers for run in runs], [*controls.values()], [0, 0])
    centre = case("mginf_connections")["expected"]["mean"]
    return {
        "mean": open_mean,
        "var": mean([run[0] @ (numbers - centre) ** 2 for run in runs]),
        "P_gt_75": mean([run[0][76:].sum() for run in runs]),
        "p99": mean([float(np.searchsorted(np.cumsum(run[0]), 0.99)) for run in runs]),
    }


STUDIES = (
    Study(
        "mginf_connections",
        measure,
        Plan(14, ("duration=200s",)),
        Plan(40, ("duration=3000s",)),
        scenario="open_connections",
        tails=frozenset({"var", "P_gt_75", "p99"}),
    ),
)
