"""One replication of a waiting line before worker slots: what is measured, and its controls.

All comes from the tables of an ordinary run.  The window of measurement begins with the end of
the warm-up and ends a little before the run does, so that every client who came within it
has been served by the end and has its row: nobody is left out for having waited long.

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
  (`controls`); before several slots, of how many are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from theory.controls import chain_drift, gap_drift, gap_tilt, service_tilt, tilted

import mailsim as ms
from mailsim.analysis import Frames, depth_steps, littles_law, time_average

__all__ = ["AROUND", "HOST", "Replication", "Station", "replicate"]

HOST = "mx.example.org"
AROUND = (0.9, 1.0, 1.1)


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
    slots : int
    levels_s : mapping of str to float
        Where each quantile is, about, by figure; controls are of what is above.
    """

    path: Path
    sets: tuple[str, ...]
    arrival_per_s: float
    service_s: float
    service_s2: float
    slots: int
    levels_s: Mapping[str, float]

    def wait_s(self, figure: str, level_s: float) -> float:
        """Return the wait about which a quantile is, whether it is of waits or of times there."""
        return level_s if figure.startswith("Wq") else max(level_s - self.service_s, 0.0)

    @property
    def tilt_per_s(self) -> float:
        """How fast the tail of the work falls, about: that of a diffusion."""
        idle = 1 - self.arrival_per_s * self.service_s / self.slots
        return 2 * idle / (self.arrival_per_s * self.service_s2)

    @property
    def is_exponential(self) -> bool:
        """Whether service is, by its moments."""
        return bool(np.isclose(self.service_s2, 2 * self.service_s**2))


class Replication(NamedTuple):
    """What came out of one.

    Attributes
    ----------
    n : int
        Sessions in the window.
    measures : dict of str to float
        By the names of ``theory.json``; ``L`` and ``Lq`` are averages over time.
    beyond : dict of str to list of float
        By figure, the shares of who is there for longer than each of the times `AROUND` a quantile.
    controls : dict of str to dict
        By figure, and what is for all of them under "": each less its expectation.
    little : dict of str to float
        Relative error of Little's law by queue; empty if the system was never empty.
    cut : dict of str to float
        Relative error by queue of the law for a window that cuts stays in two.
    """

    n: int
    measures: dict[str, float]
    beyond: dict[str, list[float]]
    controls: dict[str, dict[str, float]]
    little: dict[str, float]
    cut: dict[str, float]


def replicate(station: Station, seed: int) -> Replication:
    """Run the scenario once."""
    run = ms.load(station.path, *station.sets).run(seed=seed)
    ends_s = run.frames.simulated_s
    from_s, to_s = run.frames.warmup_s, ends_s - max(0.02 * ends_s, 10 * station.service_s)
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
    measures = {
        "Wq": wait_s.mean(),
        "W": total_s.mean(),
        "Lq": backlog,
        "L": backlog + busy,
        "P_wait": (wait_s > 0).mean(),
        "util": busy / station.slots,
        "Wq_cond": wait_s[wait_s > 0].mean() if wait_s.any() else 0.0,
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
    if station.slots == 1:
        common["gap"] = gap_drift(wait_s, wait_s + service_s, 0.0, 2, station.arrival_per_s).mean()
        own = _drifts(station, wait_s, service_s)
    elif station.levels_s:
        own = _chain(station, sessions[sessions["accepted_at_s"].notna()], (from_s, to_s))
        common |= own.pop("")
        del common["W(S - ES)"], common["W(A - EA)"], common["S^2"]
    else:
        own = {}
    beyond = {}
    for figure, level_s in station.levels_s.items():
        times_s = wait_s if figure.startswith("Wq") else total_s
        beyond[figure] = [float((times_s > factor * level_s).mean()) for factor in AROUND]
    return Replication(
        n,
        {name: float(value) for name, value in measures.items()},
        beyond,
        {
            figure: {name: float(np.mean(values)) for name, values in some.items()}
            for figure, some in ({"": common} | own).items()
        },
        _little(run.frames, from_s, to_s),
        {
            "busy:25": _cut(busy, sessions, ("accepted_at_s", "released_at_s"), from_s, to_s),
            "backlog:25": _cut(backlog, sessions, ("arrived_at_s", "accepted_at_s"), from_s, to_s),
        },
    )


def _drifts(
    station: Station, wait_s: np.ndarray, service_s: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """Return the controls of what is about a quantile, and of the second moment."""
    rate_per_s, left_s = station.arrival_per_s, wait_s + service_s
    drifts = {}
    for figure, level_s in station.levels_s.items():
        tilt = station.wait_s(figure, level_s), station.tilt_per_s
        drifts[figure] = {"gap": gap_tilt(wait_s, left_s, *tilt, rate_per_s)}
        if station.is_exponential:
            drifts[figure]["service"] = service_tilt(wait_s, left_s, *tilt, station.service_s)
    if station.service_s2 > 2 * station.service_s**2:
        return drifts  # a very long service once in a while decides those of the second moment
    drifts["Wq_m2"] = {
        "gap": gap_drift(wait_s, left_s, 0.0, 3, rate_per_s),
        "W^2(S - ES)": wait_s**2 * (service_s - station.service_s),
        "W(S^2 - ES^2)": wait_s * (service_s**2 - station.service_s2),
    }
    return drifts


def _chain(
    station: Station, sessions: pd.DataFrame, window: tuple[float, float]
) -> dict[str, dict[str, float]]:
    """Return the controls of how many are there, for all and of what is about a quantile."""
    came_s, left_s = sessions["arrived_at_s"].to_numpy(), sessions["released_at_s"].to_numpy()
    at_s = np.concatenate((came_s, left_s)).clip(*window)
    order = np.argsort(at_s, kind="stable")
    step = np.repeat((1, -1), len(came_s))[order]
    number, lasts_s = np.cumsum(step)[:-1], np.diff(at_s[order])
    number, lasts_s = number[lasts_s > 0], lasts_s[lasts_s > 0]
    n = np.arange(number.max() + 2.0)
    rates = station.arrival_per_s, 1 / station.service_s, station.slots

    def drift(values: np.ndarray) -> float:
        return chain_drift(values, number, lasts_s, rates)

    grows = np.log(station.slots / station.arrival_per_s / station.service_s)
    found = {}
    for figure, level_s in station.levels_s.items():
        level = station.slots + station.arrival_per_s * station.wait_s(figure, level_s)
        found[figure] = {"number": drift(tilted(n, level, grows))}
    found[""] = {
        "number": drift(n),
        "number squared": drift(n**2),
        "number in service squared": drift(np.minimum(n, station.slots) ** 2),
    }
    return found


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
