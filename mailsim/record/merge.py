"""Tables that several processes wrote, put together in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from mailsim.record.log import STREAM, Log
from mailsim.record.tables import TABLES

__all__ = ["merge"]


def merge(directories: Sequence[Path], log: Log) -> None:
    """Put the tables in some directories into a log, ordered by their first time.

    Parameters
    ----------
    directories : sequence of Path
        Where logs have been closed that wrote streams; each table nearly in the order of time.
    log : Log
    """
    for name, table in TABLES.items():
        paths = [path for d in directories if (path := d / f"{name}{STREAM}").exists()]
        time = next(column.name for column in table.columns if column.type == "time")
        with ExitStack() as files:
            streams = [pa.ipc.open_stream(files.enter_context(pa.OSFile(str(p)))) for p in paths]
            for part in _merged(streams, time):
                log.add(name, part)


def _merged(streams: list[pa.RecordBatchStreamReader], time: str) -> Iterator[pa.Table]:
    """Give what is in some streams piece by piece; no more of each is in memory than a batch."""
    heads = [_next(stream) for stream in streams]
    while any(head is not None for head in heads):
        # Up to here nothing earlier can come from any of them.
        until = min(pc.max(head[time]).as_py() for head in heads if head is not None)
        pieces = []
        for i, head in enumerate(heads):
            if head is not None:
                is_due = pc.less_equal(head[time], until)
                pieces.append(head.filter(is_due))
                rest = head.filter(pc.invert(is_due))
                heads[i] = rest if rest.num_rows else _next(streams[i])
        yield pa.concat_tables(pieces).sort_by(time)


def _next(stream: Iterator[pa.RecordBatch]) -> pa.Table | None:
    """Return the next rows of a stream; None at its end."""
    batch = next(stream, None)
    return None if batch is None else pa.Table.from_batches([batch])
