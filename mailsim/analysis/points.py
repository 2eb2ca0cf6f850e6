"""The figures of a sweep by point: means over replications with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

from .expressions import size_name
from .intervals import LEVEL, paired_difference, share_interval

__all__ = ["by_point", "differences"]

COLUMNS = ["point", "metric", "mean", "low", "high", "half_width", "replications", "unit"]


def by_point(summary: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Return the mean of each metric at each point, with its interval.

    Parameters
    ----------
    summary : pandas.DataFrame
        A row per point, replication and metric: columns point, replication, metric, value, unit.
    level : float

    Returns
    -------
    pandas.DataFrame
        Columns point, metric, mean, low, high, half_width, replications (in which the metric
        had a value), unit; the metrics in the order of the summary.  A quantile is that of
        each replication, averaged.  Intervals are Student's, those of rates of rare events
        wider, see :func:`~mailsim.analysis.intervals.share_interval`.
    """
    import pandas as pd

    rows = []
    groups = dict(iter(summary.groupby(["point", "metric"], sort=False)))
    for (point, metric), group in groups.items():
        of = groups.get((point, size_name(metric)))
        sizes = () if of is None else of["value"].tolist()
        found = share_interval(group["value"].tolist(), sizes, level)
        unit = group["unit"].iloc[0]
        rows.append(
            (point, metric, found.value, found.low, found.high, found.half_width, found.n, unit)
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def differences(
    summary: pd.DataFrame, first: int, second: int, level: float = LEVEL
) -> pd.DataFrame:
    """Return how one point differs from another, metric by metric, in replications of both.

    Parameters
    ----------
    summary : pandas.DataFrame
        As for :func:`by_point`.
    first, second : int
        Points.

    Returns
    -------
    pandas.DataFrame
        Columns metric, mean (of second - first), low, high, half_width, replications, unit.
    """
    import pandas as pd

    kept = summary[summary["point"].isin([first, second])]
    wide = kept.pivot(index=["metric", "replication"], columns="point", values="value")
    rows = []
    for metric in kept["metric"].unique():
        pairs = wide.loc[metric].reindex(columns=[first, second]).dropna()
        found = paired_difference(pairs[first].tolist(), pairs[second].tolist(), level)
        unit = kept.loc[kept["metric"] == metric, "unit"].iloc[0]
        rows.append((metric, found.value, found.low, found.high, found.half_width, found.n, unit))
    return pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "point"])
