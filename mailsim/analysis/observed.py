"""What a run shows of a station: its figures by windows of time, for an interval by batch means."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .batch_means import of_batches
from .depth import depth_steps, time_average
from .intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

    from .depth import Steps
    from .frames import Frames

__all__ = ["Observed", "known_until", "over_windows", "share_sent_on"]

_WINDOWS = 10


def known_until(sessions: pd.DataFrame, from_s: float, to_s: float) -> float:
    """Return until when everybody who came has a row: who is still there at the end has none.

    Sessions are numbered in the order they open, so that a number that is missing tells when the
    first of these came.  If that is in the first half of the window, somebody hangs, and it is the
    end.
    """
    numbers = np.sort(sessions["session"].to_numpy(dtype=int))
    if not len(numbers):
        return to_s
    missing = np.flatnonzero(numbers != np.arange(1, len(numbers) + 1))
    if not len(missing):
        return to_s
    last = sessions.loc[sessions["session"] <= missing[0], "opened_at_s"].max()
    return float(last) if last > (from_s + to_s) / 2 else to_s


def share_sent_on(sessions: pd.DataFrame, host: str, n: int, until_s: float) -> float:
    """Return how many go on for each that has come to a host.

    Parameters
    ----------
    sessions : pandas.DataFrame
    host : str
    n : int
        How many have gone on.
    until_s : float
        When the last of these had come.  Who came later has perhaps no row where it goes on, as it
        still waits there.
    """
    left = sessions.loc[sessions["server"] == host, "released_at_s"]
    return n / max(int((left <= until_s + 1e-9).sum()), 1)


def over_windows(
    from_s: float, to_s: float, measure: Callable[[float, float], float], windows: int = _WINDOWS
) -> Interval:
    """Return a figure of the whole time with the interval that those of its windows give it.

    Parameters
    ----------
    from_s, to_s : float
    measure : callable
        Returns the figure between two times; NaN if there is nothing to measure.
    windows : int
    """
    edges = np.linspace(from_s, to_s, windows + 1)
    values = [measure(float(a), float(b)) for a, b in pairwise(edges)]
    whole = measure(from_s, to_s)
    try:
        half = of_batches(values).interval.half_width
    except ValueError:
        half = float("inf")
    return Interval(whole, whole - half, whole + half, windows)


class Observed:
    """The worker slots of a port in a run, after its warm-up.

    Parameters
    ----------
    frames : Frames
    host : str
    port : int
    slots : int

    Attributes
    ----------
    came : pandas.DataFrame
        The sessions of those who came after the warm-up, in the order they came.
    served : pandas.DataFrame
        Those of them who got a slot.
    from_s, to_s : float
        Between which times, so that each who came has a row.
    """

    def __init__(self, frames: Frames, host: str, port: int, slots: int) -> None:
        sessions = frames["sessions"]
        self.from_s = frames.warmup_s
        self.to_s = known_until(sessions, self.from_s, frames.simulated_s)
        is_mine = (sessions["server"] == host) & (sessions["port"] == port)
        is_mine &= sessions["arrived_at_s"].between(self.from_s, self.to_s)
        self.came = sessions[is_mine].sort_values("arrived_at_s", ignore_index=True)
        self.served = self.came[self.came["accepted_at_s"].notna()]
        self._slots = slots
        self._where = frames["queues"], host, port

    @cached_property
    def _steps(self) -> dict[str, Steps]:
        queues, host, port = self._where
        return {
            queue: depth_steps(queues, host, f"{queue}:{port}", self.from_s, self.to_s)
            for queue in ("busy", "backlog")
        }

    @property
    def hold_s(self) -> pd.Series:
        """How long each who was served held a slot (s)."""
        return self.served["released_at_s"] - self.served["accepted_at_s"]

    def figure(self, name: str) -> Interval:
        """Return a figure by its name in :mod:`mailsim.analysis.queueing`."""
        return over_windows(self.from_s, self.to_s, lambda a, b: self._between(name, a, b))

    def _between(self, name: str, from_s: float, to_s: float) -> float:
        if name in ("util", "L", "Lq"):
            waiting, busy = self._depth("backlog", from_s, to_s), self._depth("busy", from_s, to_s)
            return {"util": busy / self._slots, "L": waiting + busy, "Lq": waiting}[name]
        came = self._part(self.came, from_s, to_s)
        served = self._part(self.served, from_s, to_s)
        if name == "P_block":
            return 1 - len(served) / len(came) if len(came) else float("nan")
        if name == "P_wait":  # of all who came
            return float((served["wait_s"] > 0).sum()) / len(came) if len(came) else float("nan")
        if name == "Wq":
            return float(served["wait_s"].mean())
        return float((served["released_at_s"] - served["arrived_at_s"]).mean())

    def _depth(self, queue: str, from_s: float, to_s: float) -> float:
        at_s, depth = self._steps[queue]
        inside = (at_s > from_s) & (at_s < to_s)
        before = depth[np.searchsorted(at_s, from_s, side="right") - 1]
        steps = np.concatenate(([before], depth[inside], [0.0]))
        return time_average(np.concatenate(([from_s], at_s[inside], [to_s])), steps)

    def _part(self, rows: pd.DataFrame, from_s: float, to_s: float) -> pd.DataFrame:
        first, last = np.searchsorted(rows["arrived_at_s"].to_numpy(), [from_s, to_s])
        return rows.iloc[first:last]
