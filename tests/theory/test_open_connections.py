"""Connections open at a time on a server that never says no: M/G/inf."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from theory.cases import EXPERIMENTS, case
from theory.estimate import controlled_mean, mean

import mailsim as ms
from mailsim.analysis import depth_steps

THEORY = case("mginf_connections")
REPLICATIONS = 24
MOST = 200
Shares = np.ndarray


def replicate(seed: int) -> tuple[Shares, float, float]:
    """Run once; return the share of time with each number open, and controls."""
    run = ms.load(EXPERIMENTS / "open_connections.yaml").run(seed=seed)
    from_s, to_s = run.frames.warmup_s, run.frames.simulated_s
    at_s, depth = depth_steps(run.queues, "mx.example.org", "busy:25", from_s, to_s)
    shares = np.bincount(depth[:-1].astype(int), np.diff(at_s), MOST) / (to_s - from_s)
    # Who came late has not left yet, and has no row: the last minute would miss the long ones.
    to_s -= 60
    sessions = run.sessions[run.sessions["opened_at_s"].between(from_s, to_s)]
    rate, hold_s = THEORY["inputs"]["lam"], THEORY["inputs"]["hold"]
    return shares, len(sessions) / (to_s - from_s) - rate, sessions["service_s"].mean() - hold_s


@pytest.mark.slow
def test_the_number_open_is_poisson_distributed() -> None:
    """The mean is known well; variance and tail vary so much that they are held to four errors."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        runs = list(pool.map(replicate, range(1, REPLICATIONS + 1)))
    expected, numbers = THEORY["expected"], np.arange(MOST)
    controls = [[run[1] for run in runs], [run[2] for run in runs]]
    open_mean = controlled_mean([run[0] @ numbers for run in runs], controls, [0.0, 0.0])
    assert open_mean.is_equivalent(expected["mean"], THEORY["tol"]["delta_rel"]), open_mean

    variance = mean([run[0] @ (numbers - expected["mean"]) ** 2 for run in runs])
    assert abs(variance.value - expected["var"]) <= 4 * variance.error < 0.4 * expected["var"]
    tail = mean([run[0][76:].sum() for run in runs])
    assert abs(tail.value - expected["P_gt_75"]) <= 4 * tail.error < 1.0 * expected["P_gt_75"]
    shares = np.mean([run[0] for run in runs], axis=0)
    assert abs(int(np.searchsorted(np.cumsum(shares), 0.99)) - expected["p99"]) <= 1
    for values in controls:
        value, error, _ = mean(values)
        assert abs(value) <= 4 * error
