"""One replication of a waiting line before worker slots: what is measured, and its controls.

All comes from the tables of an ordinary run.  The window of measurement begins with the end of
the warm-up and ends a little before the run does, so that every client who came within it
has been served by the end and has its row: nobody is left out for having waited long.  Where the
warm-up is long, the window is parted into batches of many relaxation times, each as good as a
replication: S. Asmussen and P. W. Glynn, "Stochastic Simulation" (2007), section IV.5.

The controls, whose expectations the scenario gives:

- arrivals a second, and first and second moment of the service times that were drawn;
- mean of W (S - E S) and of W (A - E A), where W is a client's wait for the greeting, S its
  service time and A the gap to the next arrival.  Neither S nor A has been looked at when W
  ends or begins, so both have expectation 0.  They are the martingale of the Poisson equation
  of W^2 in Lindley's recursion W' = max(W + S - A, 0), and take out nearly all of the variance
  of a single server's mean wait: S. G. Henderson and P. W. Glynn, "Approximating martingales
  for variance reduction in Markov process simulation", Mathematics of Operations Research 27
  (2002);
- for a quantile the same of what is found and left above it, and for the second moment of powers
  (`controls`); before several slots, of how many are there;
- where service is constant: of several slots each serves every so-manieth client (Crommelin 1932),
  so the gap is the sum of so many;
- where some are refused: how many, less how many came while all was full (PASTA, Wolff 1982).
"""

from __future__ import annotations

from copy import copy
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from theory.controls import erlang_drift, gap_drift, next_tilt, service_drift
from theory.line_controls import campaigns, chain, drifts, refusals, thinking
from theory.lines import Station

import mailsim as ms
from mailsim.analysis import Frames, depth_steps, littles_law, time_average

__all__ = ["AROUND", "Replication", "observe", "replications"]

AROUND = (0.9, 1.0, 1.1)


class Replication(NamedTuple):
    """What came out of one.

    Attributes
    ----------
    n : int
        Sessions in the window.
    window_s : float
    measures : dict of str to float
        By the names of ``theory.json``; ``L`` and ``Lq`` are averages over time.
    beyond : dict of str to list of float
        By figure, the shares of who is there for longer than each of the times `AROUND` a quantile.
    controls : dict of str to dict
        By figure, and what is for all of them under "": each less its expectation.
    little : dict of str to float
        Relative error of Little's law by queue; empty if the system was never empty, or if there
        are several lines.
    cut : dict of str to float
        Relative error by queue of the law for a window that cuts stays in two.
    """

    n: int
    window_s: float
    measures: dict[str, float]
    beyond: dict[str, list[float]]
    controls: dict[str, dict[str, float]]
    little: dict[str, float]
    cut: dict[str, float]


def replications(station: Station, n: int, batches: int) -> list[Replication]:
    """Run the scenario so many times, each in so many batches."""
    return [one for seed in range(1, n + 1) for one in replicate(station, seed, batches)]


def replicate(station: Station, seed: int, batches: int = 1) -> list[Replication]:
    """Run the scenario once."""
    run = ms.load(station.path, *station.sets).run(seed=seed)
    ends_s = run.frames.simulated_s
    edges_s = np.linspace(
        run.frames.warmup_s, ends_s - max(0.02 * ends_s, station.clears_s), batches + 1
    )
    return [observe(station, run, from_s, to_s) for from_s, to_s in pairwise(edges_s.tolist())]


def observe(station: Station, run: ms.Run, from_s: float, to_s: float) -> Replication:
    """Return what came out between two moments of a run."""
    all_of_window = run.sessions[run.sessions["opened_at_s"].between(from_s, to_s, "left")]
    seen = all_of_window["session"]
    assert seen.max() - seen.min() + 1 == len(seen), "some of the window are still in the system"
    sessions = run.sessions[run.sessions["server"] == station.host]
    sessions = sessions.sort_values("session", ignore_index=True)
    opened = sessions["opened_at_s"].to_numpy()
    is_in = (opened >= from_s) & (opened < to_s)
    n = int(is_in.sum())
    gap_s = np.append(np.diff(opened), np.nan)[is_in]
    window = sessions[is_in]
    served = window["accepted_at_s"].notna().to_numpy()
    wait_s = window["wait_s"].to_numpy()[served]
    service_s = window["service_s"].to_numpy()[served]
    total_s = (window["released_at_s"] - window["opened_at_s"]).to_numpy()[served]
    busy = time_average(*depth_steps(run.queues, station.host, "busy:25", from_s, to_s))
    backlog = time_average(*depth_steps(run.queues, station.host, "backlog:25", from_s, to_s))
    measures = {
        "each": 1.0,
        "Wq": wait_s.mean(),
        "W": total_s.mean(),
        "Lq": backlog,
        "L": backlog + busy,
        "P_wait": (wait_s > 0).mean(),
        "util": busy / station.slots,
        "Wq_m2": (wait_s**2).mean(),
        "P_block": 1 - served.mean(),
        "thr": served.sum() / (to_s - from_s),
        "refused_per_s": (~served).sum() / (to_s - from_s),
    }
    common = {
        "arrivals": n / (to_s - from_s) - station.arrival_per_s,
        "S": service_s.mean() - station.service_s,
        "S^2": (service_s**2).mean() - station.service_s2,
        "W(S - ES)": (wait_s * (service_s - station.service_s)).mean(),
        "W(A - EA)": (wait_s * (gap_s[served] - 1 / station.arrival_per_s)).mean(),
    }
    own: dict[str, dict[str, Any]] = {}
    if station.arrivals == "closed":
        common = {"S": common["S"]} | thinking(station, sessions, (from_s, to_s))
    elif station.arrivals == "campaigns":
        common = {name: common[name] for name in ("arrivals", "S")}
        common |= campaigns(station, opened[is_in], wait_s, service_s)
    elif station.most:
        common = {"arrivals": common["arrivals"], "S": common["S"]}
        common |= refusals(station, sessions, (from_s, to_s))
    elif station.slots == 1 and station.arrivals == "poisson":
        common["gap"] = gap_drift(wait_s, wait_s + service_s, 0.0, 2, station.arrival_per_s).mean()
        own = drifts(station, wait_s, service_s)
    elif station.arrivals == "constant":
        del common["arrivals"], common["W(A - EA)"]
        for k in (1, 2, 3):
            gap = 1 / station.arrival_per_s
            common[f"service {k}"] = service_drift(wait_s, k, gap, station.service_s).mean()
        for figure, level_s in station.levels_s.items():
            tilt = station.wait_s(figure, level_s), station.tilt_per_s
            own[figure] = {"next": next_tilt(wait_s, *tilt, gap, station.service_s)}
    elif station.slots > 1 and station.is_constant:
        for k in (1, 2, 3):
            drift = erlang_drift(wait_s, station.service_s, k, station.arrival_per_s, station.slots)
            common[f"gaps {k}"] = drift.mean()
    elif station.levels_s:
        own = chain(station, sessions[sessions["accepted_at_s"].notna()], (from_s, to_s))
        common |= own.pop("")
        del common["W(S - ES)"], common["W(A - EA)"], common["S^2"]
    beyond = {}
    for figure, level_s in station.levels_s.items():
        times_s = wait_s if figure.startswith("Wq") else total_s
        beyond[figure] = [float((times_s > factor * level_s).mean()) for factor in AROUND]
    return Replication(
        n,
        to_s - from_s,
        {name: float(value) for name, value in measures.items()},
        beyond,
        {
            figure: {name: float(np.mean(values)) for name, values in some.items()}
            for figure, some in ({"": common} | own).items()
        },
        _little(run.frames, from_s, to_s) if len(sessions) == len(run.sessions) else {},
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
