"""Two results held against each other: what has changed since, and how well that is known.

Points are matched by their values, and replications by number.  With common random numbers, one
seed and scenarios that draw alike, both have seen the same traffic, and the interval of the
difference is narrow; it is right in any case (Law 2015, section 10.2.1).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mailsim.analysis import differences, parse_expectation
from mailsim.errors import ConfigError
from mailsim.record.parts import is_sweep
from mailsim.results import Run
from mailsim.sweep_results import SweepRun

__all__ = ["Result", "compared", "pairs_of", "result_of"]


class Result(NamedTuple):
    """The figures of a run or a sweep, apart from the directory they came from.

    Attributes
    ----------
    name : str
        Where it is, or what it is called.
    seed : int
    points : list of dict
        Values by path; of a single run one without any.
    values : pandas.DataFrame
        A row per point, replication and metric: point, replication, metric, value, unit.
    """

    name: str
    seed: int
    points: list[dict[str, Any]]
    values: pd.DataFrame


def result_of(result: str | Path | Run | SweepRun) -> Result:
    """Read the figures of a result, which may be replaced afterwards.

    Raises
    ------
    ConfigError
        If a directory holds none.
    """
    if isinstance(result, (str, Path)):
        path = Path(result)
        result = SweepRun.open(path) if is_sweep(path) else Run.open(path)
    name = str(result.path or result.info["name"])
    if isinstance(result, SweepRun):
        return Result(name, result.info["seed"], result.info["points"], result.values)
    return Result(name, result.info["seed"], [{}], _values(result))


def _values(run: Run) -> pd.DataFrame:
    """Return the metrics of a run, and what it was expected to do, as a sweep has them."""
    texts = (run.info.get("scenario") or {}).get("expect", [])
    expected = [parse_expectation(text).expression for text in texts]
    rows = [{"metric": str(one), "value": one.of(run.frames), "unit": one.unit} for one in expected]
    values = pd.concat([run.summary, pd.DataFrame(rows)]) if rows else run.summary
    return values.assign(point=0, replication=0).drop_duplicates("metric")


def pairs_of(before: Result, points: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Return which points are to be compared: numbers of before and after.

    Where both have but one it is that, whatever its values.

    Raises
    ------
    ConfigError
        If they have no point in common.
    """
    if len(before.points) == len(points) == 1:
        return [(0, 0)]
    pairs = [
        (before.points.index(values), number)
        for number, values in enumerate(points)
        if values in before.points
    ]
    if not pairs:
        raise ConfigError(
            f"{before.name}: nothing to compare: it has {_points(before.points)}, "
            f"this has {_points(points)}, and none is the same"
        )
    return pairs


def _points(points: list[dict[str, Any]]) -> str:
    first = ", ".join(f"{path}={value}" for path, value in points[0].items()) if points else ""
    n = f"{len(points)} point{'' if len(points) == 1 else 's'}"
    return f"{n} ({first}{', ...' if len(points) > 1 else ''})" if first else n


def compared(before: Result, after: Result) -> pd.DataFrame:
    """Return the differences after - before, metric by metric, in replications of both.

    Returns
    -------
    pandas.DataFrame
        Columns point (of ``after``), metric, before, after, mean, low, high, half_width,
        replications, unit; metrics that both have.

    Raises
    ------
    ConfigError
        If they have no point in common.
    """
    frames = []
    for old, new in pairs_of(before, after.points):
        mine, theirs = _at(after, new, 1), _at(before, old, 0)
        both = set(mine["metric"]) & set(theirs["metric"])
        pooled = pd.concat([mine, theirs])
        pooled = pooled[pooled["metric"].isin(both)]
        table = differences(pooled, 0, 1)
        paired = pooled[pooled.duplicated(["metric", "replication"], keep=False)]
        means = paired.groupby(["point", "metric"])["value"].mean()
        for at, column in enumerate(("before", "after")):
            found = [means.get((at, name), float("nan")) for name in table["metric"]]
            table.insert(1 + at, column, found)
        table.insert(0, "point", new)
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def _at(result: Result, point: int, number: int) -> pd.DataFrame:
    values = result.values
    return values[values["point"] == point].assign(point=number)
