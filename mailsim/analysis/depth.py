"""Queue depth over time: a step function, known by the changes that the run recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Steps = tuple[NDArray[np.float64], NDArray[np.float64]]

__all__ = ["depth_steps", "kind_of", "peak_depths", "time_average"]

WAITING = ("outbox", "incoming", "active", "deferred", "backlog")
"""The queues in which something waits; ``busy`` counts the worker slots at work."""


def kind_of(queue: str) -> str:
    """Return what kind of queue it is: its name without the port.

    Examples
    --------
    >>> kind_of("backlog:25")
    'backlog'
    """
    return queue.partition(":")[0]


def depth_steps(queues: pd.DataFrame, host: str, queue: str, from_s: float, to_s: float) -> Steps:
    """Return the depth of one queue between two times as a step function.

    Parameters
    ----------
    queues : pandas.DataFrame
        The ``queues`` table.
    host, queue : str
        Which queue.
    from_s, to_s : float
        The window, in simulated seconds.

    Returns
    -------
    at_s, depth : numpy.ndarray
        ``depth[i]`` holds from ``at_s[i]`` on; the first step is at ``from_s`` (0 before the
        first change on record) and the last one repeats the depth at ``to_s``.  Of several
        changes at one time all are kept, in their order.
    """
    mine = (queues["host"] == host) & (queues["queue"] == queue)
    at_s = queues.loc[mine, "at_s"].to_numpy(dtype=float)
    depth = queues.loc[mine, "depth"].to_numpy(dtype=float)
    first, last = np.searchsorted(at_s, [from_s, to_s], side="right")
    before = depth[first - 1] if first else 0.0
    after = depth[last - 1] if last else 0.0
    return (
        np.concatenate(([from_s], at_s[first:last], [to_s])),
        np.concatenate(([before], depth[first:last], [after])),
    )


def time_average(at_s: NDArray[np.float64], depth: NDArray[np.float64]) -> float:
    """Return the mean of a step function over the time it spans; NaN if it spans none.

    Examples
    --------
    >>> time_average(np.array([0.0, 1.0, 4.0]), np.array([0.0, 2.0, 2.0]))
    1.5
    """
    span_s = at_s[-1] - at_s[0]
    if span_s <= 0:
        return float("nan")
    return float(np.dot(np.diff(at_s), depth[:-1]) / span_s)


def peak_depths(
    queues: pd.DataFrame, warmup_s: float = 0.0, *, kinds: tuple[str, ...] = WAITING
) -> pd.DataFrame:
    """Return the greatest depth that each queue reached, the deepest queue first.

    Returns
    -------
    pandas.DataFrame
        Columns host, queue, depth and at_s (when it was first reached, in simulated seconds).
        A queue that was filled before the warm-up ended counts with what was left in it then.
    """
    import pandas as pd

    names = [name for name in queues["queue"].unique() if kind_of(name) in kinds]
    left, late = [], []
    for first in range(0, max(len(queues), 1), _AT_A_TIME):
        part = queues.iloc[first : first + _AT_A_TIME]
        part = part[part["queue"].isin(names)]
        is_late = part["at_s"] >= warmup_s
        left.append(part[~is_late].groupby(_BY_QUEUE, observed=True).tail(1))
        late.append(_deepest(part[is_late]))
    before = pd.concat(left).groupby(_BY_QUEUE, observed=True).tail(1).assign(at_s=warmup_s)
    peaks = _deepest(pd.concat([before, *late], ignore_index=True))
    # A stable sort, so that of equal depths the earliest comes first.
    peaks = peaks.sort_values("depth", ascending=False, kind="stable")
    return peaks[["host", "queue", "depth", "at_s"]].reset_index(drop=True)


_AT_A_TIME = 500_000
"""Rows: the tables of a large run are looked at in parts."""
_BY_QUEUE: Any = ["host", "queue"]


def _deepest(queues: pd.DataFrame) -> pd.DataFrame:
    """Return the row of each queue in which it was first the deepest, in the order of the table."""
    rows = queues.groupby(_BY_QUEUE, observed=True)["depth"].idxmax()
    return queues.loc[rows.sort_values()]
