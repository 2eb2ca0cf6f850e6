"""Connections open at a time on a server that never says no: M/G/inf."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import numpy as np
from scipy.stats import lognorm
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, controlled_mean, known, mean
from theory.judge import Plan, Study

import mailsim as ms
from mailsim.analysis import depth_steps

__all__ = ["STUDIES"]

MOST = 200
STEP_S = 0.25
LONG_S = 60
"""No more of a hold counts for the controls."""


def replicate(plan: Plan, seed: int) -> tuple[np.ndarray, dict[str, float]]:
    """Run once; return the share of time with each number open, and controls."""
    run = ms.load(EXPERIMENTS / "open_connections.yaml", *plan.sets).run(seed=seed)
    from_s, to_s = run.frames.warmup_s, run.frames.simulated_s
    at_s, depth = depth_steps(run.queues, "mx.example.org", "busy:25", 0.0, to_s)
    lasts_s = np.diff(at_s.clip(from_s, to_s))
    shares = np.bincount(depth[:-1].astype(int), lasts_s, MOST) / (to_s - from_s)
    came_s = np.repeat(at_s[1:], np.diff(depth).clip(0).astype(int))
    times_s = np.arange(from_s, to_s, STEP_S)
    open_then = depth[np.searchsorted(at_s, times_s, side="right") - 1]
    # Who has no row is there still, so has held for as long as counts.
    rows = run.sessions[run.sessions["opened_at_s"] <= to_s - LONG_S]
    n_came = int((came_s <= to_s - LONG_S).sum())
    held_s = rows["service_s"].clip(upper=LONG_S).sum() + LONG_S * (n_came - len(rows))
    hold = float(held_s / n_came - STEP_S * stays().sum())
    return shares, controls(came_s, times_s, open_then) | {"hold": hold}


@cache
def stays() -> np.ndarray:
    """Return how likely who came so many steps ago is there still."""
    inputs = case("mginf_connections")["inputs"]
    spread = np.log(1 + inputs["cv2"]) ** 0.5
    fine_s = np.arange(STEP_S / 20, LONG_S, STEP_S / 10)
    likely = lognorm.sf(fine_s, spread, scale=inputs["hold"] * np.exp(-(spread**2) / 2))
    return likely.reshape(-1, 10).mean(axis=1)  # type: ignore[no-any-return]


def controls(came_s: np.ndarray, times_s: np.ndarray, open_then: np.ndarray) -> dict[str, float]:
    """Return what arrivals alone lead one to expect, less its own expectation.

    Who came so long ago is there still with a known probability, so a number is expected at each
    moment (shot noise: N. R. Campbell, 1909).  Its mean, variance and covariance with what is open
    follow from that.
    """
    per_step = case("mginf_connections")["inputs"]["lam"] * STEP_S
    came = np.histogram(came_s, np.arange(0, times_s[-1] + STEP_S * 1.5, STEP_S))[0]
    expected = np.convolve(came, stays())[: len(came)]
    off = expected[np.rint(times_s / STEP_S).astype(int) - 1]
    off = off - per_step * stays().sum()
    variance = per_step * float(stays() @ stays())
    more = open_then - case("mginf_connections")["expected"]["mean"]
    return {
        "expected": float(off.mean()),
        "expected squared": float((off**2).mean()) - variance,
        "expected and open": float((off * more).mean()) - variance,
    }


def measure(plan: Plan) -> dict[str, Estimate]:
    """Return the mean, and what varies much more: variance, tail and quantile."""
    runs = list(map(partial(replicate, plan), range(1, plan.replications + 1)))
    by_name = {name: [run[1][name] for run in runs] for name in runs[0][1]}
    known(by_name)

    def estimate(values: Sequence[float], *names: str) -> Estimate:
        some = [by_name[name] for name in names or by_name]
        return controlled_mean(values, some, [0.0] * len(some))

    numbers = np.arange(MOST)
    centre = case("mginf_connections")["expected"]["mean"]
    return {
        "mean": estimate([run[0] @ numbers for run in runs], "expected", "hold"),
        "var": estimate([run[0] @ (numbers - centre) ** 2 for run in runs]),
        "P_gt_75": estimate([run[0][76:].sum() for run in runs]),
        "p99": mean([float(np.searchsorted(np.cumsum(run[0]), 0.99)) for run in runs]),
    }


NOTE = """\
The variance is known to 7 % and the share above 75 to 28 %; the case asks for 2 %. How many are
open is forgotten slowly, and is above 75 seldom: runs a dozen times as long would decide the
variance, and two hundred times as long the share."""
STUDIES = (
    Study(
        "mginf_connections",
        measure,
        Plan(9, ("duration=160s",)),
        Plan(30, ("warmup=200s", "duration=800s")),
        scenario="open_connections",
        tails=frozenset({"var", "P_gt_75", "p99"}),
        note=NOTE,
    ),
)
