"""Token buckets: what a receiver's refuses, and how long a sender's keeps waiting."""

from __future__ import annotations

from functools import partial

import numpy as np
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, controlled_mean, known
from theory.judge import Each, Plan, Study

import mailsim as ms

__all__ = ["STUDIES"]

BATCHES = 20
"""Parts of a run that do not know of each other: a bucket forgets within a second or two."""


def policer(name: str, plan: Plan, each: Each) -> dict[str, Estimate]:
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


STUDIES = tuple(
    Study(
        name,
        partial(policer, name),
        Plan(sets=("duration=810s",)),
        Plan(sets=("duration=20010s",)),
        scenario="rate_limit",
    )
    for name in ("token_policer_overload", "token_policer_b1")
)
