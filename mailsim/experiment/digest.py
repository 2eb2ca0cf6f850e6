"""A finished part in figures: its summary, kept beside its tables so that it is made but once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mailsim.record.parts import part_path, parts_of, replace_file
from mailsim.record.saved import read_run_json, read_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SUMMARY", "digest", "write_summary"]

SUMMARY = pa.schema(
    [
        ("point", pa.int64()),
        ("replication", pa.int64()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)
_WALL = "messages_per_wall_s"


class _Saved(Mapping[str, pa.Table]):
    """The tables of a part, each read when it is asked for."""

    def __init__(self, directory: Path, names: list[str]) -> None:
        self._directory = directory
        self._names = names

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self._names:
            raise KeyError(name)
        return read_table(self._directory, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def digest(directory: Path) -> dict[str, float]:
    """Return the metrics of a part by name; from its ``summary.parquet`` if that is there.

    Raises
    ------
    ConfigError
        If a table cannot be read.
    """
    path = directory / "summary.parquet"
    try:
        table = pq.ParquetFile(path, memory_map=False).read()
        if table.schema.names == SUMMARY.names:
            names, values = table["metric"].to_pylist(), table["value"].to_pylist()
            return dict(zip(names, values, strict=True))
    except (OSError, pa.ArrowException):
        pass  # it is made anew
    frame = _summary(directory)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, SUMMARY, preserve_index=False), sink)
    replace_file(path, sink.getvalue().to_pybytes())
    return dict(zip(frame["metric"], frame["value"], strict=True))


def _summary(directory: Path) -> pd.DataFrame:
    from mailsim.analysis import Frames, summarize

    info: dict[str, Any] = read_run_json(directory)
    frames = Frames(_Saved(directory, list(info["tables"])), info)
    found = summarize(frames, info)
    return found[found["metric"] != _WALL]  # which is of the machine and not of the run


def write_summary(directory: Path) -> None:
    """Write ``summary.parquet`` of a sweep from those of its parts, one by one."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, SUMMARY, compression="zstd") as writer:
        for point, replication in parts_of(directory):
            part = part_path(directory, point, replication)
            digest(part)
            table = pq.ParquetFile(part / "summary.parquet", memory_map=False).read()
            writer.write_table(table.select(SUMMARY.names).cast(SUMMARY))
    replace_file(directory / "summary.parquet", sink.getvalue().to_pybytes())
