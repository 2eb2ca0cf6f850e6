"""Token buckets: what a receiver's refuses, and how long a sender's keeps waiting."""

from __future__ import annotations

from functools import partial

import numpy as np
from theory.cases import EXPERIMENTS, case
from theory.controls import gap_drift
from theory.estimate import Estimate, controlled_mean, known
from theory.judge import Measured, Plan, Study

import mailsim as ms

__all__ = ["STUDIES"]

BATCHES = 20
"""Parts of a run that do not know of each other: a bucket forgets within a second or two."""


def policer(name: str, plan: Plan) -> dict[str, Estimate]:
    """Return the share refused, and what gets in; how many came explains some of it."""
    inputs = case(name)["inputs"]
    run = ms.load(
        EXPERIMENTS / "rate_limit.yaml",
        f"hosts.mx.example.org.policies.0.rate_limit.burst={inputs['burst']}",
        f"traffic.mail.arrivals.poisson={inputs['lam']}/s",
        *plan.sets,
    ).run()
    mails, from_s, to_s = run.deliveries, run.frames.warmup_s, run.frames.simulated_s
    assert set(mails["fate"]) == {"delivered", "refused"}
    n_came, n_taken = (
        np.histogram(some["submitted_at_s"], BATCHES, (from_s, to_s))[0]
        for some in (mails, mails[mails["fate"] == "delivered"])
    )
    batch_s = (to_s - from_s) / BATCHES
    came_per_s = (n_came / batch_s).tolist()
    known({"arrivals": [per_s - inputs["lam"] for per_s in came_per_s]})
    measured = {"P_reject": 1 - n_taken / n_came, "goodput": n_taken / batch_s}
    return {
        figure: controlled_mean(values.tolist(), [came_per_s], [inputs["lam"]])
        for figure, values in measured.items()
    }


def batch(plan: Plan) -> Measured:
    """All is known to the nanosecond."""
    mails = ms.load(EXPERIMENTS / "token_batch.yaml").run().deliveries
    delay_s = np.sort(mails["delay_s"].to_numpy())
    assert len(delay_s) == case("token_batch")["inputs"]["N"]
    return {
        "last": float(delay_s[-1]),
        "mean": float(delay_s.mean()),
        "t_msg_100": float(delay_s[99]),
    }


def shaper(plan: Plan) -> Measured:
    """Return how long mail waits, from batches.

    Each message's wait is, exactly, what the work in an M/D/1 line has above what the burst
    holds.  The controls, as for waiting lines (Henderson and Glynn 2002): a power of the work that
    a message finds, less its expectation at the next one given this, which is 0 in steady state.
    """
    inputs = case("token_shaper_poisson")["inputs"]
    rate_per_s, slack_s = inputs["lam"], (inputs["burst"] - 1) / inputs["rate"]
    run = ms.load(EXPERIMENTS / "token_shaper.yaml", *plan.sets).run()
    mails = run.deliveries.sort_values(["submitted_at_s", "message"])
    # Who came last may wait still, and has no row.
    mails = mails[mails["submitted_at_s"] < run.frames.simulated_s - 5]
    assert set(mails["fate"]) == {"delivered"}
    at_s, delay_s = mails["submitted_at_s"].to_numpy(), mails["delay_s"].to_numpy()
    work_s = np.zeros(len(mails))
    for i, gap_s in enumerate(np.diff(at_s), 1):
        work_s[i] = max(work_s[i - 1] + 1 / inputs["rate"] - gap_s, 0.0)
    assert np.allclose(delay_s, np.maximum(work_s - slack_s, 0.0), rtol=0, atol=1e-9)
    is_in = at_s[:-1] >= run.frames.warmup_s
    left_s = work_s[:-1] + 1 / inputs["rate"]
    controls = {
        f"power {k} above {above_s} s": _by_batch(
            gap_drift(work_s[:-1], left_s, above_s, k, rate_per_s)[is_in]
        )
        for above_s in (0.0, 0.5 * slack_s, slack_s)
        for k in (1, 2)
    }
    known(controls)
    zeros = [0.0] * len(controls)

    def estimate(values: np.ndarray) -> Estimate:
        return controlled_mean(_by_batch(values[:-1][is_in]), [*controls.values()], zeros)

    waits = estimate(delay_s)
    return {"mean_delay": waits, "P_delayed": estimate(delay_s > 1e-9), "mean_delay_walk": waits}


def _by_batch(values: np.ndarray) -> list[float]:
    return [float(part.mean()) for part in np.array_split(values, BATCHES)]


POLICERS = tuple(
    Study(
        name,
        partial(policer, name),
        Plan(sets=("duration=610s",)),
        Plan(sets=("duration=4010s",)),
        scenario="rate_limit",
    )
    for name in ("token_policer_overload", "token_policer_b1")
)
STUDIES = (
    *POLICERS,
    Study("token_batch", batch, Plan(), Plan()),
    Study(
        "token_shaper_poisson",
        shaper,
        Plan(sets=("duration=450s",)),
        Plan(sets=("duration=3050s",)),
        scenario="token_shaper",
    ),
)
