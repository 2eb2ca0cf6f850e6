"""One replication of a waiting line before worker slots: what is measured, and its controls.

All comes from the tables of an ordinary run.  The window of measurement begins with the end of
the warm-up and ends a little (2 %) before the run does, so that every client who came within it
has been served by the end and has its row: nobody is left out for having waited long.

The controls, whose expectations the scenario gives:

- arrivals a second, and first and second moment of the service times that were drawn;
- mean of W (S - E S) and of W (A - E A), where W is a client's wait for the greeting, S its
  service time and A the gap to the next arrival.  Neither S nor A has been looked at when W
  ends or begins, so both have expectation 0.  They are the martingale of the Poisson equation
  of W^2 in Lindley's recursion W' = max(W + S - A, 0), and take out nearly all of the variance
  of a single server's mean wait: S. G. Henderson and P. W. Glynn, "Approximating martingales
  for variance reduction in Markov process simulation", Mathematics of Operations Research 27
  (2002).
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

import mailsim as ms
from mailsim.analysis import Frames, depth_steps, littles_law, time_average

__all__ = ["HOST", "Replication", "Station", "replicate"]

HOST = "mx.example.org"


class Station(NamedTuple):
    """What a replication has to know.

    Attributes
    ----------
    path : Path
        The scenario.
    sets : tuple of str
        Overrides.
    arrival_per_s, service_s, service_s2 : float
        The arrival rate, and first and second moment of service time (s, s^2).
    """

    path: Path
    sets: tuple[str, ...]
    arrival_per_s: float
    service_s: float
    service_s2: float


class Replication(NamedTuple):
    """What came out of one.

    Attributes
    ----------
    n : int
        Sessions in the window.
    measures : dict of str to float
        By the names of ``theory.json``; ``L`` and ``Lq`` are averages over time.
    controls : dict of str to float
        Each less its expectation.
    little : dict of str to float
        Relative error of Little's law by queue; empty if the system was never empty.
    cut : dict of str to float
        Relative error by queue of the law for a window that cuts stays in two.
    """

    n: int
    measures: dict[str, float]
    controls: dict[str, float]
    little: dict[str, float]
    cut: dict[str, float]


def replicate(station: Station, seed: int) -> Replication:
    """Run the scenario once."""
    run = ms.load(station.path, *station.sets).run(seed=seed)
    from_s, to_s = run.frames.warmup_s, 0.98 * run.frames.simulated_s
    sessions = run.sessions.sort_values("session", ignore_index=True)
    opened = sessions["opened_at_s"].to_numpy()
    is_in = (opened >= from_s) & (opened < to_s)
    n = int(is_in.sum())
    numbers = sessions["session"].to_numpy()[is_in]
    assert numbers[-1] - numbers[0] + 1 == n, "some of the window are still in the system"
    gap_s = np.append(np.diff(opened), np.nan)[is_in]
    window = sessions[is_in]
    served = window["accepted_at_s"].notna().to_numpy()
    wait_s = window["wait_s"].to_numpy()[served]
    service_s = window["service_s"].to_numpy()[served]
    total_s = (window["released_at_s"] - window["opened_at_s"]).to_numpy()[served]
    busy = time_average(*depth_steps(run.queues, HOST, "busy:25", from_s, to_s))
    backlog = time_average(*depth_steps(run.queues, HOST, "backlog:25", from_s, to_s))
    slots = run.info["scenario"]["hosts"][HOST]["postfix"]["default_process_limit"]
    measures = {
        "Wq": wait_s.mean(),
        "W": total_s.mean(),
        "Lq": backlog,
        "L": backlog + busy,
        "P_wait": (wait_s > 0).mean(),
        "util": busy / slots,
        "Wq_cond": wait_s[wait_s > 0].mean() if wait_s.any() else 0.0,
        "Wq_m2": (wait_s**2).mean(),
        "Wq_p95": np.quantile(wait_s, 0.95),
        "Wq_p99": np.quantile(wait_s, 0.99),
        "W_p50": np.quantile(total_s, 0.50),
        "W_p95": np.quantile(total_s, 0.95),
        "W_p99": np.quantile(total_s, 0.99),
        "P_block": 1 - served.mean(),
        "thr": served.sum() / (to_s - from_s),
        "refused_per_s": (~served).sum() / (to_s - from_s),
    }
    controls = {
        "arrivals": n / (to_s - from_s) - station.arrival_per_s,
        "S": service_s.mean() - station.service_s,
        "S^2": (service_s**2).mean() - station.service_s2,
        "W(S - ES)": (wait_s * (service_s - station.service_s)).mean(),
        "W(A - EA)": (wait_s * (gap_s[served] - 1 / station.arrival_per_s)).mean(),
    }
    return Replication(
        n,
        {name: float(value) for name, value in measures.items()},
        {name: float(value) for name, value in controls.items()},
        _little(run.frames, from_s, to_s),
        {
            "busy:25": _cut(busy, sessions, ("accepted_at_s", "released_at_s"), from_s, to_s),
            "backlog:25": _cut(backlog, sessions, ("arrived_at_s", "accepted_at_s"), from_s, to_s),
        },
    )


def _cut(
    depth: float, sessions: pd.DataFrame, ends: tuple[str, str], from_s: float, to_s: float
) -> float:
    """Return by how much a mean depth is off the sum of the parts of all stays in the window.

    That is Little's law before the edges are neglected, so it holds of any window; but it asks
    for those who came before it, too.
    """
    served = sessions[sessions["accepted_at_s"].notna()]  # who was refused has not waited
    came, left = (served[end].clip(from_s, to_s).to_numpy() for end in ends)
    product = float((left - came).sum()) / (to_s - from_s)
    return (depth - product) / depth if depth else product


def _little(frames: Frames, from_s: float, to_s: float) -> dict[str, float]:
    """Return the errors of Little's law between two moments when nobody is there.

    At such edges nobody's stay is cut in two, so the law is an identity: the error is of
    rounding alone.  Empty if there are no two such moments with 100 arrivals between them.
    """
    queues: pd.DataFrame = frames["queues"]
    is_idle = (queues["queue"] == "busy:25") & (queues["depth"] == 0)
    idle_s = queues.loc[is_idle & queues["at_s"].between(from_s, to_s), "at_s"]
    if len(idle_s) < 2:
        return {}
    edges = {"warmup_s": float(idle_s.min()), "simulated_s": float(idle_s.max())}
    window = copy(frames)
    window.info = {**frames.info, **edges}
    law = littles_law(window)
    if law["arrivals"].min() < 100:
        return {}
    return dict(zip(law["queue"], law["relative_error"], strict=True))
