"""Mail that is served more than once: at one server after another, or again at the same one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from theory.cases import EXPERIMENTS, case, figures
from theory.controls import chain_drift
from theory.estimate import Estimate
from theory.judge import Plan, Study
from theory.line_controls import numbers
from theory.lines import Station
from theory.replication import AROUND, Replication, observe
from theory.stations import estimates

import mailsim as ms
from mailsim.analysis import depth_steps, time_average

__all__ = ["STUDIES"]

HOPS = ("first.example.org", "second.example.org", "mx.example.org")
OUT, MX = "out.example.org", "mx.example.net"


def windows(name: str, plan: Plan, tail_s: float) -> Iterator[tuple[ms.Run, float, float]]:
    """Iterate over runs and their batches; who has come ``tail_s`` before the end is through."""
    for seed in range(1, plan.replications + 1):
        run = ms.load(EXPERIMENTS / f"{name}.yaml", *plan.sets).run(seed=seed)
        edges_s = np.linspace(
            run.frames.warmup_s, run.frames.simulated_s - tail_s, plan.batches + 1
        )
        for from_s, to_s in pairwise(edges_s.tolist()):
            yield run, from_s, to_s


def due(run: ms.Run, from_s: float, to_s: float) -> pd.DataFrame:
    """Return the mails of a window, all of which have arrived."""
    mails: pd.DataFrame = run.deliveries
    mails = mails[mails["submitted_at_s"].between(from_s, to_s, inclusive="left")]
    assert set(mails["fate"]) == {"delivered"}
    return mails


def replication(
    mails: pd.DataFrame,
    window: tuple[float, float],
    measures: dict[str, float],
    controls: dict[str, float],
) -> Replication:
    """Return what came out of a window, in the form that lines have."""
    measures |= {"each": 1.0, "W": float(mails["delay_s"].mean())}
    return Replication(len(mails), window[1] - window[0], measures, {}, {"": controls}, {}, {})


def tandem(plan: Plan) -> dict[str, Estimate | float]:
    """Return the time in each of three lines, and in all.

    What one sends on comes to the next at random, and what is in one tells nothing of what is yet
    to come there (Burke 1956), so each has the controls of a line that stands alone.
    """
    inputs, expected = case("tandem3")["inputs"], figures("tandem3")
    levels_s = {figure: level for figure, level in expected.items() if figure[-3:-2] == "p"}
    lines = [
        Station(
            EXPERIMENTS / "tandem3.yaml", (), inputs["lam"], 1 / mu, 2 / mu**2, 1, {}, host=host
        )
        for host, mu in zip(HOPS, inputs["mus"], strict=True)
    ]
    runs = []
    for run, from_s, to_s in windows("tandem3", plan, sum(line.clears_s for line in lines)):
        mails = due(run, from_s, to_s)
        delay_s = mails["delay_s"].to_numpy()
        seen = [observe(line, run, from_s, to_s) for line in lines]
        measures = {"var_W": float(((delay_s - expected["W"]) ** 2).mean())}
        own: dict[str, dict[str, float]] = {}
        controls: dict[str, float] = {}
        cubes: dict[str, float] = {}
        for mu, hop in zip(inputs["mus"], seen, strict=True):
            assert max(map(abs, hop.cut.values())) < 1e-6
            measures |= {f"W_hop {mu}": hop.measures["W"], f"L_hop {mu}": hop.measures["L"]}
            of_hop = hop.controls[""]
            alone = {name: of_hop[name] for name in ("S", "W(S - ES)", "W(A - EA)", "gap")}
            own |= {f"W_hop {mu}": alone, f"L_hop {mu}": alone}
            for name in ("W(S - ES)", "gap"):
                controls[f"{name} at {mu}"] = of_hop[name]
            cubes[f"cube at {mu}"] = hop.controls["Wq_m2"]["gap"]
        arrivals = {"arrivals": len(mails) / (to_s - from_s) - inputs["lam"]}
        one = replication(mails, (from_s, to_s), measures, arrivals)
        one.controls.update(own)
        one.controls["W"] = controls
        one.controls.update(dict.fromkeys((*levels_s, "var_W"), controls | cubes))
        for figure, level_s in levels_s.items():
            one.beyond[figure] = [float((delay_s > part * level_s).mean()) for part in AROUND]
        runs.append(one)
    return estimates(runs, expected)


def feedback(plan: Plan) -> dict[str, Estimate | float]:
    """Return the figures of a line to whose end some come back; their number is a Markov chain."""
    inputs = case("jackson_retry")["inputs"]
    p, mu, rate_per_s = inputs["p_tempfail"], inputs["mu"], inputs["lam"]
    runs = []
    for run, from_s, to_s in windows("jackson_retry", plan, 60 / mu):
        mails, span_s = due(run, from_s, to_s), to_s - from_s
        sessions = run.sessions[run.sessions["server"] == MX]
        tries = sessions[sessions["opened_at_s"].between(from_s, to_s, inclusive="left")]
        service_s, wait_s = tries["service_s"].to_numpy(), tries["wait_s"].to_numpy()
        number, lasts_s = numbers(sessions, (from_s, to_s))
        rates = rate_per_s, mu * (1 - p), 1, 0
        n = np.arange(number.max() + 2.0)
        busy, waiting = (
            time_average(*depth_steps(run.queues, MX, queue, from_s, to_s))
            for queue in ("busy:25", "backlog:25")
        )
        measures = {
            "attempt_rate": len(tries) / span_s,
            "rho": busy,
            "util": busy,
            "L": busy + waiting,
            "attempts": float(mails["attempts"].mean()),
        }
        controls = {
            "mails": len(mails) / span_s - rate_per_s,
            "S": float(service_s.mean()) - 1 / mu,
            "W(S - ES)": float((wait_s * (service_s - 1 / mu)).mean()),
            "failed": float((tries["messages"] == 0).mean()) - p,
            "number": chain_drift(n, number, lasts_s, rates),
            "number squared": chain_drift(n**2, number, lasts_s, rates),
        }
        runs.append(replication(mails, (from_s, to_s), measures, controls))
    return estimates(runs, figures("jackson_retry"))


def retrial(plan: Plan) -> dict[str, Estimate | float]:
    """Return the figures of a slot without a line; those who will come again are the orbit.

    Whether the slot is busy, and how many are in the orbit, is a Markov chain: what a function of
    these gains, less its drift, has mean 0.
    """
    inputs = case("retrial_c1")["inputs"]
    rate_per_s, serve_per_s, again_per_s = (
        inputs["lam"],
        1 / inputs["service"],
        1 / inputs["retry_mean"],
    )
    runs = []
    for run, from_s, to_s in windows("retrial_c1", plan, 30 * inputs["retry_mean"]):
        mails, span_s = due(run, from_s, to_s), to_s - from_s
        steps = [
            depth_steps(run.queues, *queue, from_s, to_s)
            for queue in ((MX, "busy:25"), (OUT, "deferred"))
        ]
        at_s = np.unique(np.concatenate([at for at, _ in steps]))
        b, j = (depth[np.searchsorted(at, at_s, side="right") - 1] for at, depth in steps)
        b, j, lasts_s = b[:-1].astype(float), j[:-1].astype(float), np.diff(at_s)
        free = 1 - b
        drifts = {
            "busy": (b, free * (rate_per_s + again_per_s * j) - serve_per_s * b),
            "orbit": (j, rate_per_s * b - again_per_s * j * free),
            "orbit squared": (
                j**2,
                rate_per_s * b * (2 * j + 1) + again_per_s * j * free * (1 - 2 * j),
            ),
            "orbit while busy": (
                b * j,
                free * (rate_per_s * j + again_per_s * j * (j - 1))
                + b * (rate_per_s - serve_per_s * j),
            ),
        }
        controls = {
            name: float(value[-1] - value[0] - drift @ lasts_s) / span_s
            for name, (value, drift) in drifts.items()
        }
        for name in ("orbit", "orbit squared"):
            value, _ = drifts[name]
            controls[f"{name} at the edges"] = float(value[-1] - value[0]) / span_s
        is_late = mails["attempts"].to_numpy() > 1
        busy, orbit = float(b @ lasts_s) / span_s, float(j @ lasts_s) / span_s
        controls["mails"] = len(mails) / span_s - rate_per_s
        controls["refused at first"] = float(is_late.sum()) / span_s - rate_per_s * busy
        measures = {
            "P_block_first": float(is_late.mean()),
            "orbit": orbit,
            "retries_per_msg": float((mails["attempts"] - 1).mean()),
            "util": busy,
        }
        runs.append(replication(mails, (from_s, to_s), measures, controls))
    return estimates(runs, figures("retrial_c1"))


TAIL = """\
The three lines are each known well, but how their times add up is not explained by what is known of
each: the median is known to 5 %, the variance and the other quantiles to 10 %. Runs four times as
long would decide the median, and ten times as long the rest."""
TAILS = ("var_W", "W_p50", "W_p95", "W_p99")
STUDIES = (
    Study(
        "tandem3",
        tandem,
        Plan(2, ("warmup=50s", "duration=380s"), batches=12),
        Plan(8, ("warmup=100s", "duration=1030s"), batches=5),
        tails=frozenset({"W_hop 6.25", "L_hop 10.0", "L_hop 6.25", *TAILS}),
        note=TAIL,
    ),
    Study(
        "jackson_retry",
        feedback,
        Plan(1, ("warmup=20s", "duration=620s"), batches=20),
        Plan(10, ("warmup=20s", "duration=620s"), batches=2),
    ),
    Study(
        "retrial_c1",
        retrial,
        Plan(1, ("warmup=200s", "duration=4400s"), batches=20),
        Plan(8, ("warmup=200s", "duration=10000s"), batches=4),
        tails=frozenset({"retries_per_msg"}),
    ),
)
