"""The append-only log of a run: rows go in, Arrow batches come out, nothing is computed.

Rows are tuples in the order of the table's columns.  When a table has many of them they are
written out, so that memory does not grow with the run when the results go to disk.
"""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mailsim.record.said import Said
from mailsim.record.tables import ON_DEMAND, TABLES, Column, Table

__all__ = ["STREAM", "Log", "schema_of", "to_arrow"]

STREAM: Final = ".arrows"
"""Ending of a table that is written for others to read on, not for users."""

_BATCH = 16_384
_ARROW: Final = {"int": pa.int64(), "text": pa.string(), "bool": pa.bool_(), "time": pa.float64()}


@cache
def schema_of(table: Table) -> pa.Schema:
    """Return the Arrow schema of a table."""
    return pa.schema([(column.name, _ARROW[column.type]) for column in table.columns])


def _array(column: Column, values: list[Any]) -> pa.Array:
    if column.type != "time":
        return pa.array(values, _ARROW[column.type])
    nanoseconds = pa.array(values, pa.int64())
    # By numpy: pyarrow.compute would take a tenth of a second to import.  NaN stands for nothing.
    seconds = nanoseconds.to_numpy(zero_copy_only=False) / 1e9
    return pa.array(seconds, pa.float64(), from_pandas=nanoseconds.null_count > 0)


def to_arrow(table: Table, rows: list[tuple[Any, ...]]) -> pa.Table:
    """Return rows as an Arrow table; times become float seconds."""
    arrays = [
        # One column at a time: zip(*rows) makes an iterator per row, which is slower.
        _array(column, list(map(itemgetter(i), rows)))
        for i, column in enumerate(table.columns)
    ]
    return pa.Table.from_arrays(arrays, schema=schema_of(table))


class Log:
    """All tables of one run.

    Parameters
    ----------
    directory : Path or None
        Where ``<table>.parquet`` is written as the run goes on; None keeps all in memory.
    with_events : bool
        Whether the ``events`` table is recorded.
    with_faults : bool
        Whether the tables ``faults`` and ``duplicates`` are.
    as_streams : bool
        Whether to write Arrow streams, ``<table>.arrows``, for :func:`mailsim.record.merge.merge`:
        a fifth of Parquet's work, and nothing about what is written stays in memory.

    Attributes
    ----------
    directory : Path or None
    deliveries, attempts, sessions, queues, lookups, reports, authentication : list of tuple
        Rows not written yet; append to them.
    events, faults, duplicates : list of tuple
        The same, where they are wanted.
    said : Said
        What becomes rows of events when these are written out.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        with_events: bool = False,
        with_faults: bool = False,
        as_streams: bool = False,
    ) -> None:
        self.directory = directory
        self.with_events = with_events
        self._as_streams = as_streams
        wanted = {"events": with_events, "faults": with_faults, "duplicates": with_faults}
        self._tables = {n: t for n, t in TABLES.items() if n not in ON_DEMAND or wanted[n]}
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        self.deliveries = self._rows["deliveries"]
        self.attempts = self._rows["attempts"]
        self.sessions = self._rows["sessions"]
        self.queues = self._rows["queues"]
        self.lookups = self._rows["lookups"]
        self.reports = self._rows["reports"]
        self.authentication = self._rows["authentication"]
        self.events = self._rows["events"]
        self.faults = self._rows["faults"]
        self.duplicates = self._rows["duplicates"]
        self.said = Said()
        self._parts: dict[str, list[pa.Table]] = {name: [] for name in self._tables}
        self._writers: dict[str, pq.ParquetWriter | pa.RecordBatchStreamWriter] = {}
        self._written = dict.fromkeys(self._tables, 0)

    def flush(self, at_least: int | None = None) -> None:
        """Write out the tables that have many rows, unless said 16 384."""
        enough = _BATCH if at_least is None else at_least
        if len(self.said) >= max(enough, 1):
            self.add("events", self.said.taken(schema_of(TABLES["events"])))
        for name, table in self._tables.items():
            rows = self._rows[name]
            if len(rows) < max(enough, 1):
                continue
            part = to_arrow(table, rows)
            rows.clear()
            self.add(name, part)

    def add(self, name: str, part: pa.Table) -> None:
        """Put rows that are an Arrow table already behind those of a table that were written."""
        self._written[name] += part.num_rows
        if self.directory is None:
            self._parts[name].append(part)
            return
        try:
            self._writer(TABLES[name]).write_table(part)
        except OSError:
            self._give_up()
            raise

    def close(self) -> dict[str, int]:
        """Write what is left; return the number of rows of each table."""
        self.flush(1)
        if self.directory is not None:
            try:
                for table in self._tables.values():
                    self._writer(table).close()
            except OSError:
                self._give_up()
                raise
        return self._written

    def _give_up(self) -> None:
        """Let no writer try once more to write when it is forgotten."""
        for writer in self._writers.values():
            if isinstance(writer, pq.ParquetWriter):
                writer.is_open = False

    def tables(self) -> dict[str, pa.Table]:
        """Return the tables of a run kept in memory, by name."""
        return {
            name: pa.concat_tables(self._parts[name]) if self._parts[name] else to_arrow(table, [])
            for name, table in self._tables.items()
        }

    def _writer(self, table: Table) -> pq.ParquetWriter | pa.RecordBatchStreamWriter:
        writer = self._writers.get(table.name)
        if writer is None:
            assert self.directory is not None
            path, schema = self.directory / table.name, schema_of(table)
            if self._as_streams:
                # The other processors are at work for other clients.
                options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
                writer = pa.ipc.new_stream(path.with_suffix(STREAM), schema, options=options)
            else:
                writer = pq.ParquetWriter(path.with_suffix(".parquet"), schema, compression="zstd")
            self._writers[table.name] = writer
        return writer
