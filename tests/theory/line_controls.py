"""The controls of each kind of waiting line, from what one window of a run has of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaincc
from theory.controls import chain_drift, gap_drift, gap_tilt, service_tilt, tilted
from theory.lines import Station

__all__ = ["campaigns", "chain", "drifts", "numbers", "refusals", "thinking"]

SELDOM = 7.0


def drifts(
    station: Station, wait_s: np.ndarray, service_s: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    """Return the controls of what is about a quantile, and of the second moment."""
    rate_per_s, left_s = station.arrival_per_s, wait_s + service_s
    found = {}
    for figure, level_s in station.levels_s.items():
        tilt = station.wait_s(figure, level_s), station.tilt_per_s
        found[figure] = {"gap": gap_tilt(wait_s, left_s, *tilt, rate_per_s)}
        if station.is_exponential:
            found[figure]["service"] = service_tilt(wait_s, left_s, *tilt, station.service_s)
    if station.is_heavy:
        return found
    found["Wq_m2"] = {
        "gap": gap_drift(wait_s, left_s, 0.0, 3, rate_per_s),
        "W^2(S - ES)": wait_s**2 * (service_s - station.service_s),
        "W(S^2 - ES^2)": wait_s * (service_s**2 - station.service_s2),
    }
    return found


def numbers(sessions: pd.DataFrame, window: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return how many are there in turn, and for how long."""
    came_s, left_s = sessions["arrived_at_s"].to_numpy(), sessions["released_at_s"].to_numpy()
    at_s = np.concatenate((came_s, left_s)).clip(*window)
    order = np.argsort(at_s, kind="stable")
    step = np.repeat((1, -1), len(came_s))[order]
    number, lasts_s = np.cumsum(step)[:-1], np.diff(at_s[order])
    return number[lasts_s > 0], lasts_s[lasts_s > 0]


def chain(
    station: Station, sessions: pd.DataFrame, window: tuple[float, float]
) -> dict[str, dict[str, float]]:
    """Return the controls of how many are there, for all and of what is about a quantile."""
    number, lasts_s = numbers(sessions, window)
    n = np.arange(number.max() + 2.0)
    rates = station.arrival_per_s, 1 / station.service_s, station.slots, station.most

    def drift(values: np.ndarray) -> float:
        return chain_drift(values, number, lasts_s, rates)

    def edge(values: np.ndarray) -> float:
        return float(values[number[-1]] - values[number[0]]) / float(lasts_s.sum())

    grows = np.log(station.slots / station.arrival_per_s / station.service_s)
    found = {}
    for figure, level_s in station.levels_s.items():
        level = station.slots + station.arrival_per_s * station.wait_s(figure, level_s)
        if grows * (level - station.slots) > SELDOM:
            continue  # so many are hardly ever there: it is service that decides the quantile
        up = tilted(n, level, grows)
        found[figure] = {"number": drift(up), "number at the edges": edge(up)}
        if figure.startswith("Wq"):
            found[figure] |= _found(station, sessions, window, level_s, (number, lasts_s))
    found[""] = {
        "number": drift(n),
        "number squared": drift(n**2),
        "number in service squared": drift(np.minimum(n, station.slots) ** 2),
        "number waiting": drift(np.maximum(n - station.slots, 0)),
        "number at the edges": edge(n),
        "number squared at the edges": edge(n**2),
    }
    return found


def _found(
    station: Station,
    sessions: pd.DataFrame,
    window: tuple[float, float],
    level_s: float,
    path: tuple[np.ndarray, np.ndarray],
) -> dict[str, float]:
    """Return the controls of who waits for longer, given how many one finds.

    With all slots busy, one waits until one more than those in line have been served: a time of
    Erlang's distribution.  And who comes finds what there is at any time (PASTA, Wolff 1982).
    """
    came_s = sessions["arrived_at_s"].to_numpy()
    left_s = np.sort(sessions["released_at_s"].to_numpy())
    is_in = (came_s >= window[0]) & (came_s < window[1])
    at_s = came_s[is_in]
    seen = np.searchsorted(np.sort(came_s), at_s) - np.searchsorted(left_s, at_s, side="right")
    ahead = np.arange(max(seen.max(), path[0].max()) + 1.0) - station.slots + 1
    rate_per_s = station.slots / station.service_s
    longer = np.where(ahead > 0, gammaincc(np.maximum(ahead, 1.0), rate_per_s * level_s), 0.0)
    is_longer = sessions["wait_s"].to_numpy()[is_in] > level_s
    at_any_time = float(longer[path[0]] @ path[1]) / float(path[1].sum())
    return {
        "longer": float((is_longer - longer[seen]).mean()),
        "seen": float(longer[seen].mean()) - at_any_time,
    }


def refusals(
    station: Station, sessions: pd.DataFrame, window: tuple[float, float]
) -> dict[str, float]:
    """Return the controls of a line that refuses who finds it full."""
    served = sessions["accepted_at_s"].notna()
    number, lasts_s = numbers(sessions[served], window)
    n_refused = int(sessions.loc[~served, "opened_at_s"].between(*window, inclusive="left").sum())
    full_s = float(lasts_s[number == station.most].sum())
    refused = n_refused - station.arrival_per_s * full_s
    controls = {"refused": refused / (window[1] - window[0])}
    if station.is_exponential:
        controls |= chain(station._replace(levels_s={}), sessions[served], window)[""]
        if station.most == station.slots:
            del controls["number in service squared"]  # all are
        n = np.arange(station.most + 1.0)
        rates = station.arrival_per_s, 1 / station.service_s, station.slots, station.most
        falls = abs(np.log(station.arrival_per_s * station.service_s / station.slots))
        near_full = np.exp(falls * (n - station.most))
        controls["near full"] = chain_drift(near_full, number, lasts_s, rates)
    return controls


def thinking(
    station: Station, sessions: pd.DataFrame, window: tuple[float, float]
) -> dict[str, float]:
    """Return the controls of people who think in turn: who does not think is there."""
    number, lasts_s = numbers(sessions, window)
    n = np.arange(station.most + 1.0)
    arrive = (station.most - n) / station.think_s
    rates = arrive, 1 / station.service_s, station.slots, station.most
    span_s = window[1] - window[0]
    n_left = int(sessions["released_at_s"].between(*window, inclusive="left").sum())
    busy_s = float(np.minimum(number, station.slots) @ lasts_s)
    return {
        "number": chain_drift(n, number, lasts_s, rates),
        "number squared": chain_drift(n**2, number, lasts_s, rates),
        "idle": chain_drift((n == 0) * 1.0, number, lasts_s, rates),
        "served": (n_left - busy_s / station.service_s) / span_s,
    }


def campaigns(
    station: Station, opened: np.ndarray, wait_s: np.ndarray, service_s: np.ndarray
) -> dict[str, float]:
    """Return the controls of who come many at a time: of what a campaign finds and leaves."""
    is_first = np.diff(opened, prepend=-1.0) > 0
    is_last = np.append(is_first[1:], True)
    size = len(opened) / is_first.sum()
    found_s, left_s = wait_s[is_first], (wait_s + service_s)[is_last]
    rate_per_s = station.arrival_per_s / size
    brings_s, mean_s = left_s - found_s, size * station.service_s
    within_s = wait_s.mean() - found_s.mean() - (size - 1) / 2 * station.service_s
    drift_s, drift_s2 = (
        gap_drift(found_s[1:], left_s[:-1], 0.0, power, rate_per_s) for power in (1, 2)
    )
    return {
        "work left": float((found_s * (brings_s - mean_s)).mean()),
        "gap": float(drift_s.mean()),
        "gap squared": float(drift_s2.mean()),
        "work squared": float((brings_s**2).mean() - mean_s**2 * (1 + 1 / size)),
        "within": float(within_s),
    }
