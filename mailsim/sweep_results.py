"""A sweep that is over, or as far as it has come: its points, its summary, its runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mailsim.analysis import by_point, differences, judged
from mailsim.errors import ConfigError
from mailsim.record.parts import part_path, parts_of, read_sweep_json
from mailsim.record.summaries import summaries
from mailsim.results import Run

__all__ = ["SweepRun"]


class SweepRun:
    """A saved sweep.

    Parameters
    ----------
    path : Path
        Its directory.
    info : dict
        What ``sweep.json`` says.

    Attributes
    ----------
    path : Path
    info : dict
    """

    def __init__(self, path: Path, info: dict[str, Any]) -> None:
        self.path = path
        self.info = info
        self._values: pd.DataFrame | None = None

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Return a saved sweep.

        Raises
        ------
        ConfigError
            If the directory holds none, or a damaged one.
        """
        path = Path(path)
        return cls(path, read_sweep_json(path))

    @property
    def points(self) -> pd.DataFrame:
        """A row per point: a column per swept path; indexed by the number of the point."""
        return pd.DataFrame(self.info["points"]).rename_axis("point")

    @property
    def values(self) -> pd.DataFrame:
        """A row per point, replication and metric: point, replication, metric, value, unit."""
        if self._values is None:
            path = self.path / "summary.parquet"
            try:
                if path.exists():
                    table = pq.ParquetFile(path, memory_map=False).read()
                else:  # it is unfinished
                    table = summaries(self.path)
            except (OSError, pa.ArrowException) as error:
                raise ConfigError(f"{path}: cannot be read: {error}") from error
            if table is None:
                raise ConfigError(f"{self.path}: no run of this sweep is over yet")
            self._values = table.to_pandas()
        return self._values

    @property
    def summary(self) -> pd.DataFrame:
        """The mean of each metric at each point, with its 95 % interval over replications."""
        return by_point(self.values)

    @property
    def expectations(self) -> pd.DataFrame:
        """How the scenario's expectations fare at each point, by their 95 % intervals."""
        texts = (self.info.get("scenario") or {}).get("expect", [])
        points = self.values["point"].unique().tolist() if texts else []
        return judged(texts, [(point, partial(self._measured, point)) for point in points])

    def _measured(self, point: int, name: str) -> list[float]:
        rows = self.values[(self.values["point"] == point) & (self.values["metric"] == name)]
        return rows["value"].tolist()  # type: ignore[no-any-return]

    def compare(self, earlier: str | Path | Run | SweepRun) -> pd.DataFrame:
        """Return how each point differs from the same one of an earlier result, with intervals.

        Returns
        -------
        pandas.DataFrame
            A row per point and metric: columns point, metric, before, after, mean (of the
            differences, paired by replication), low, high, half_width, replications, unit.

        Raises
        ------
        ConfigError
            If they have no point in common.
        """
        from mailsim.comparing import compared, result_of

        return compared(result_of(earlier), result_of(self))

    def difference(self, first: int, second: int) -> pd.DataFrame:
        """Return each metric of point ``second`` less that of ``first``, with its interval.

        Raises
        ------
        ConfigError
            If there is no such point.
        """
        known = sorted(self.values["point"].unique())
        for point in (first, second):
            if point not in known:
                raise ConfigError(f"no point {point!r}: known are {', '.join(map(str, known))}")
        return differences(self.values, first, second)

    @property
    def differences(self) -> pd.DataFrame:
        """Each metric of each further point less that of the first, with its interval."""
        first, *others = sorted(self.values["point"].unique().tolist())
        frames = [differences(self.values, first, other).assign(point=other) for other in others]
        if not frames:
            raise ConfigError(f"{self.path}: one point alone differs from nothing")
        table = pd.concat(frames, ignore_index=True)
        return table[["point", *(name for name in table.columns if name != "point")]]

    def run(self, point: int, replication: int = 0) -> Run:
        """Return the run of one point and replication.

        Raises
        ------
        ConfigError
            If it is not there.
        """
        part = part_path(self.path, point, replication)
        if not part.exists():
            raise ConfigError(f"{self.path}: no point {point}, replication {replication}")
        return Run.open(part)

    def label(self, point: int) -> str:
        """Return the values of a point, each with the end of its path."""
        values = self.info["points"][point]
        return ", ".join(f"{path.rpartition('.')[2]}={v}" for path, v in values.items())

    def __repr__(self) -> str:
        """Return what it is and how far it has come."""
        n, parts = len(self.info["points"]), len(parts_of(self.path))
        return f"<SweepRun {self.info.get('name')}: {n} points, {parts} runs in {self.path}>"

    def _repr_html_(self) -> str:
        from html import escape

        table = self.summary.to_html(index=False, float_format="%.4g")
        return f"<p>{escape(repr(self))}</p>{self.points.to_html()}{table}"
