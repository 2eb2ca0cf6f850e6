"""Little's law on every queue of a run: L = lambda W, whatever the distributions.

Source: J. D. C. Little, "A proof for the queuing formula: L = lambda W", Operations Research 9
(1961).  The two sides come from different tables: the mean depth L from ``queues``, which the
simulator writes at each change, the arrivals and waits from ``sessions`` and ``attempts``,
which it writes at the end of each stay.  A stay that is lost or counted twice shows up here.

At the edges of the window the law is not exact: who arrives before its start or leaves after
its end counts on one side only.  The error shrinks with the number of arrivals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from .depth import depth_steps, kind_of, time_average
from .frames import Frames

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["littles_law", "unlawful_queues"]


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


def unlawful_queues(frames: Frames) -> pd.DataFrame:
    """Return the queues in which Little's law does not hold: none, unless the books are wrong.

    As an identity, without the error at the edges of the window: the integral of the depth is
    the sum of the times that stays spent in the window.  A stay of what had not ended when the
    run did is not on record, and no more is known of it than its number: of ``k`` that are open
    one began after the depth was last below ``k``, and so on, so that together they spent at
    most the integral of the least depth from each moment to the end.  So with what a crash of the
    host found in a slot or in the backlog: its client may still wait for an answer.  Of the mail
    queues of a host that has crashed nothing is said: what it was doing has left no row.

    Returns
    -------
    pandas.DataFrame
        Columns host, queue, depth_s (integral of the depth, in message seconds), open_s (the most
        that stays not on record may have spent) and stays_s (the sum of those that are).
    """
    import pandas as pd

    from_s, to_s = frames.warmup_s, frames.simulated_s
    queues = frames.columns("queues", ["at_s", "host", "queue", "depth"])
    queues = queues[queues["at_s"] <= to_s]
    crashes = _crashes(frames)
    if not crashes.empty:
        queues = queues.assign(life=_lives(queues, crashes))
    books = _integrals(queues, from_s, to_s)
    kinds = books.index.get_level_values("queue").map(kind_of)
    wrong = []
    attempts = frames.columns("attempts", _ATTEMPT)
    for kind, stays_of in _STAYS.items():
        mine = books[kinds == kind]
        if kind in _OF_MAIL and not crashes.empty:
            mine = mine[~mine.index.get_level_values("host").isin(crashes["target"])]
        if mine.empty:
            continue
        spent_s = pd.Series(0.0, index=mine.index)
        for part in _parts(frames, attempts) if kind in _OF_ATTEMPTS else [frames]:
            stays = stays_of(part)
            spent = stays["to_s"].clip(from_s, to_s) - stays["from_s"].clip(from_s, to_s)
            keys = [stays["host"].astype("str").to_numpy(), _names(kind, stays).to_numpy()]
            spent_s += spent.groupby(keys).sum().reindex(mine.index, fill_value=0.0)
        open_s = _most_open(kind, mine, queues, from_s, to_s)
        missing_s = mine["depth_s"] - spent_s
        if kind == "deferred":  # which is taken to last until the end, while it is tried again
            missing_s = -missing_s
        slack_s = _SLACK * mine["depth_s"] + _ROUNDING_S
        is_wrong = (missing_s < -slack_s) | (missing_s > open_s + slack_s)
        wrong.append(mine.assign(open_s=open_s, stays_s=spent_s)[is_wrong])
    if not wrong:
        return pd.DataFrame(columns=["host", "queue", "depth_s", "open_s", "stays_s"])
    return pd.concat(wrong).reset_index()


def _most_open(
    kind: str, mine: pd.DataFrame, queues: pd.DataFrame, from_s: float, to_s: float
) -> pd.Series:
    """Return the most that stays in these queues may have spent which are not on record."""
    import pandas as pd

    if kind not in _FOLLOWED_BY:
        return mine["open_s"]
    # It is on record when the next stay ends: the two are looked at as one.
    own, then = kind, _FOLLOWED_BY[kind]
    wanted = [then] if kind == "deferred" else [own, then]
    both = queues[queues["queue"].map(kind_of).isin(wanted).to_numpy()]
    joined = both["queue"].astype("str").str.replace(then, own, regex=False).to_numpy()
    open_s = pd.Series(0.0, index=mine.index)
    for key, rows in both.groupby(["host", joined], observed=True):
        depth = np.zeros(len(rows), dtype=np.int64)
        for _, where in rows.groupby("queue", observed=True).indices.items():
            depth[where] = np.diff(rows["depth"].to_numpy()[where], prepend=0)
        if key in open_s.index:
            open_s[key] = _areas(rows, depth.cumsum(), from_s, to_s)[1]
    return open_s


_OF_MAIL = ("incoming", "active", "deferred")
_FOLLOWED_BY = {"backlog": "busy", "incoming": "active", "deferred": "active"}


def _crashes(frames: Frames) -> pd.DataFrame:
    if "faults" not in frames:
        import pandas as pd

        return pd.DataFrame(columns=["target", "began_at_s"])
    return frames["faults"].query("fault == 'host_down'")


def _lives(queues: pd.DataFrame, crashes: pd.DataFrame) -> pd.Series:
    """Return of each row how often its host had crashed; a crash comes before its row."""
    lives = queues["at_s"].astype(int) * 0
    for host, mine in crashes.groupby("target", observed=True)["began_at_s"]:
        rows = queues["host"] == host
        lives[rows] = np.searchsorted(np.sort(mine), queues.loc[rows, "at_s"], side="right")
    return lives


def _integrals(queues: pd.DataFrame, from_s: float, to_s: float) -> pd.DataFrame:
    """Return for each host and queue the integral of its depth, and of its least depth to come.

    Least until the end, or until the host crashes.
    """
    import pandas as pd

    areas = {
        (str(host), str(queue)): _areas(rows, rows["depth"].to_numpy(), from_s, to_s)
        for (host, queue), rows in queues.groupby(["host", "queue"], observed=True)
    }
    names = [[key[i] for key in areas] for i in range(2)]
    index = pd.MultiIndex.from_arrays(names, names=["host", "queue"])
    return pd.DataFrame(areas.values(), index=index, columns=["depth_s", "open_s"])


def _areas(
    rows: pd.DataFrame, depth: np.ndarray, from_s: float, to_s: float
) -> tuple[float, float]:
    """Return the integral of a queue's depth, and of its least depth to come."""
    at_s = rows["at_s"].to_numpy()
    held_s = np.diff(at_s.clip(from_s, to_s), append=to_s)
    least = depth.copy()
    lives = rows["life"].to_numpy() if "life" in rows else np.zeros(len(rows), dtype=int)
    for part in np.split(least, np.nonzero(np.diff(lives))[0] + 1):
        part[:] = np.minimum.accumulate(part[::-1])[::-1]
    return float(held_s @ depth), float(held_s @ least)


class _Part(Frames):
    """The frames of a run with some of its attempts."""

    def __init__(self, whole: Frames, attempts: pd.DataFrame) -> None:
        super().__init__({}, whole.info)
        self._frames["attempts"] = attempts


def _parts(frames: Frames, attempts: pd.DataFrame) -> Iterator[Frames]:
    """Give the attempts in parts, all those of a message in one: grouping takes much memory."""
    n = len(attempts) // _AT_A_TIME + 1
    for i in range(n):
        yield _Part(frames, attempts if n == 1 else attempts[attempts["message"] % n == i])


_AT_A_TIME = 300_000
_OF_ATTEMPTS = frozenset({"incoming", "active", "deferred"})
_SLACK = 1e-3
"""Relative: what passes through a queue without an attempt leaves no stay on record."""
_ROUNDING_S = 1e-3
"""Of sums of a million times that were rounded to a nanosecond."""


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
    return _stays(frames, "arrived_at_s", "accepted_at_s")


def _busy(frames: Frames) -> pd.DataFrame:
    return _stays(frames, "accepted_at_s", "released_at_s")


def _stays(frames: Frames, from_column: str, to_column: str) -> pd.DataFrame:
    # A connection that was refused, or still waits at the end, has no second time.
    columns = {"server": "host", "port": "port", from_column: "from_s", to_column: "to_s"}
    sessions = frames.columns("sessions", list(columns))
    return sessions.dropna(subset=[from_column, to_column]).rename(columns=columns)


_ATTEMPT = ["host", "message", "ended_at_s", "delay_s", "b_s", "c_s", "d_s", "status"]


def _rounds(frames: Frames) -> pd.DataFrame:
    """Return a row per message, host and stay in the active queue there.

    Besides host, message, from_s and to_s: when the message came to the host (arrived_s), and
    whether the stay ended in the deferred queue.
    """
    import pandas as pd

    attempts = frames.columns("attempts", _ATTEMPT)
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
