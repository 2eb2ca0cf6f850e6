"""The summary of a part, kept beside its tables, and that of a sweep, put together from them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mailsim.record.parts import part_path, parts_of, replace_file

__all__ = ["UNLAWFUL", "Row", "read_summary", "summaries", "write_part_summary", "write_summary"]

Row = tuple[int, int, str, float, str]
"""Point, replication, metric, value, unit."""

_AT_A_TIME = 500

UNLAWFUL = "queues_against_littles_law"
"""The metric that counts queues whose books are wrong: 0 unless mailsim has a bug."""

_SCHEMA = pa.schema(
    [
        ("point", pa.int64()),
        ("replication", pa.int64()),
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)


def read_summary(part: Path) -> dict[str, float] | None:
    """Return the metrics of a part by name; None if its summary is not there or damaged."""
    try:
        table = pq.ParquetFile(part / "summary.parquet", memory_map=False).read()
    except (OSError, pa.ArrowException):
        return None
    if table.schema.names != _SCHEMA.names:
        return None
    names, values = table["metric"].to_pylist(), table["value"].to_pylist()
    return dict(zip(names, values, strict=True))


def write_part_summary(part: Path, rows: Iterable[Row]) -> None:
    """Write the summary of a part, whole or not at all."""
    columns = list(zip(*rows, strict=True))
    table = pa.table([list(column) for column in columns], schema=_SCHEMA)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    replace_file(part / "summary.parquet", sink.getvalue().to_pybytes())


def summaries(directory: Path) -> pa.Table | None:
    """Return the summaries of all parts that have one, one below the other; None if none has."""
    paths = (part_path(directory, *part) / "summary.parquet" for part in parts_of(directory))
    tables = [pq.ParquetFile(path, memory_map=False).read() for path in paths if path.is_file()]
    return pa.concat_tables(tables) if tables else None


def write_summary(directory: Path) -> None:
    """Write ``summary.parquet`` of a sweep from those of its parts, some hundred at a time."""
    path = directory / "summary.parquet"
    new = directory / f".mailsim.{os.getpid()}.summary.part"
    parts = [part_path(directory, *part) / path.name for part in parts_of(directory)]
    try:
        with pq.ParquetWriter(new, _SCHEMA, compression="zstd") as writer:
            for first in range(0, len(parts), _AT_A_TIME):
                found = filter(Path.is_file, parts[first : first + _AT_A_TIME])
                tables = [pq.ParquetFile(part, memory_map=False).read() for part in found]
                if tables:
                    writer.write_table(pa.concat_tables(tables).select(_SCHEMA.names))
        new.replace(path)
    except OSError as error:  # Arrow's do not say where
        if error.filename is None:
            error.filename = str(path)
        raise
    finally:
        new.unlink(missing_ok=True)
