"""Little's law on every queue of a run: L = lambda W, whatever the distributions.

Source: J. D. C. Little, "A proof for the queuing formula: L = lambda W", Operations Research 9
(1961).  The two sides come from different tables: the mean depth L from ``queues``, which the
simulator writes at each change, the arrivals and waits from ``sessions`` and ``attempts``,
which it writes at the end of each stay.  A stay that is lost or counted twice shows up here.

At the edges of the window the law is not exact: who arrives before its start or leaves after
its end counts on one side only.  The error shrinks with the number of arrivals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .depth import depth_steps, kind_of, time_average

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["littles_law"]


def littles_law(frames: Frames, host: str | None = None) -> pd.DataFrame:
    """Return both sides of Little's law for each queue, after the warm-up.

    Parameters
    ----------
    frames : Frames
        The tables of a run.
    host : str, optional
        Only the queues of this host.

    Returns
    -------
    pandas.DataFrame
        A row per host and queue (``incoming``, ``active``, ``deferred``, and for each port
        such as 25 ``backlog:25`` and ``busy:25``; the tables do not tell which host's outbox a
        message left): host, queue, arrivals, arrival_per_s,
        mean_wait_s, mean_depth, relative_error = (mean_depth - arrival_per_s x mean_wait_s) /
        mean_depth, which is 0 for a queue that was never filled.
    """
    import pandas as pd

    queues, from_s, to_s = frames["queues"], frames.warmup_s, frames.simulated_s
    known = queues[["host", "queue"]].drop_duplicates()
    if host is not None:
        known = known[known["host"] == host]
    rows = []
    kinds = known["queue"].map(kind_of)
    for kind, stays_of in _STAYS.items():
        mine = known[kinds == kind]
        if mine.empty:
            continue
        stays = stays_of(frames)
        stays = stays[(stays["from_s"] >= from_s) & (stays["from_s"] < to_s)]
        waits = stays["to_s"] - stays["from_s"]
        keys = [stays["host"], _names(kind, stays)]
        means = waits.groupby(keys, observed=True).agg(["size", "mean"])
        for name, queue in mine.itertuples(index=False):
            depth = time_average(*depth_steps(queues, name, queue, from_s, to_s))
            found = (name, queue) in means.index
            n, wait_s = means.loc[(name, queue)] if found else (0, 0.0)
            rate = n / (to_s - from_s)
            rows.append((name, queue, int(n), rate, wait_s, depth, _relative(depth, rate * wait_s)))
    columns = [
        "host",
        "queue",
        "arrivals",
        "arrival_per_s",
        "mean_wait_s",
        "mean_depth",
        "relative_error",
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["host", "queue"], ignore_index=True)


def _names(kind: str, stays: pd.DataFrame) -> pd.Series:
    """Return the name of the queue of each stay: with the port, if the stay has one."""
    import pandas as pd

    if "port" not in stays:
        return pd.Series(kind, index=stays.index)
    names = {port: f"{kind}:{port}" for port in stays["port"].dropna().unique()}
    return stays["port"].map(names).fillna(kind)


def _relative(depth: float, product: float) -> float:
    # A wait of a few nanoseconds' rounding is none.
    if max(depth, product) < 1e-9:
        return 0.0
    return (depth - product) / depth if depth else -np.inf


def _backlog(frames: Frames) -> pd.DataFrame:
    return _stays(frames["sessions"], "arrived_at_s", "accepted_at_s")


def _busy(frames: Frames) -> pd.DataFrame:
    return _stays(frames["sessions"], "accepted_at_s", "released_at_s")


def _stays(sessions: pd.DataFrame, from_column: str, to_column: str) -> pd.DataFrame:
    # A connection that was refused, or still waits at the end, has no second time.
    columns = {"server": "host", "port": "port", from_column: "from_s", to_column: "to_s"}
    return sessions[list(columns)].dropna(subset=[from_column, to_column]).rename(columns=columns)


def _rounds(frames: Frames) -> pd.DataFrame:
    """Return a row per message, host and stay in the active queue there.

    Besides host, message, from_s and to_s: when the message came to the host (arrived_s), and
    whether the stay ended in the deferred queue.
    """
    import pandas as pd

    attempts = frames["attempts"]
    # All deliveries of one round became active together; b, c and d follow on that moment.
    # Sums of floats differ in their last bits; the true times are whole nanoseconds.
    entered = (attempts["ended_at_s"] - attempts[["b_s", "c_s", "d_s"]].sum(axis=1)).round(9)
    stays = pd.DataFrame(
        {
            "host": attempts["host"],
            "message": attempts["message"],
            "arrived_s": (attempts["ended_at_s"] - attempts["delay_s"]).round(9),
            "from_s": entered,
            "to_s": attempts["ended_at_s"],
            "deferred": attempts["status"] == "deferred",
        }
    )
    keys = ["host", "message", "arrived_s", "from_s"]
    return stays.groupby(keys, observed=True, as_index=False).agg(
        to_s=("to_s", "max"), deferred=("deferred", "any")
    )


def _incoming(frames: Frames) -> pd.DataFrame:
    rounds = _rounds(frames)
    # Later rounds of a message begin in the deferred queue.
    first = rounds.drop_duplicates(["host", "message", "arrived_s"])
    return first.assign(from_s=first["arrived_s"], to_s=first["from_s"])


def _deferred(frames: Frames) -> pd.DataFrame:
    rounds = _rounds(frames)
    stays = ["host", "message", "arrived_s"]
    again = rounds.groupby(stays, observed=True)["from_s"].shift(-1)
    # What is still deferred at the end has waited until the end.
    stays = rounds.assign(from_s=rounds["to_s"], to_s=again.fillna(frames.simulated_s))
    return stays[rounds["deferred"]]


_STAYS: dict[str, Callable[[Frames], pd.DataFrame]] = {
    "incoming": _incoming,
    "active": _rounds,
    "deferred": _deferred,
    "backlog": _backlog,
    "busy": _busy,
}
