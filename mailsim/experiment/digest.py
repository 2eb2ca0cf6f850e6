"""A finished part in figures: its summary, kept beside its tables so that it is made but once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mailsim.record.saved import read_run_json, read_table
from mailsim.record.summaries import UNLAWFUL, Row, read_summary, write_part_summary

__all__ = ["digest"]

_WALL = "messages_per_wall_s"


def digest(part: Path, expressions: Sequence[str] = ()) -> dict[str, float]:
    """Return the metrics of a part by name; from its ``summary.parquet`` if they are there.

    Parameters
    ----------
    part : Path
    expressions : sequence of str
        To measure besides the usual metrics, each under its own name.

    Raises
    ------
    ConfigError
        If a table cannot be read.
    """
    known = read_summary(part)
    if known is not None and all(text in known for text in expressions):
        return known
    from mailsim.analysis import Frames, parse_measure, summarize, unlawful_queues

    info: dict[str, Any] = read_run_json(part)
    frames = Frames({name: read_table(part, name) for name in info["tables"]}, info)
    found = summarize(frames, info)
    kept = found[found["metric"] != _WALL]  # which is of the machine and not of the run
    rows: list[Row] = list(kept.itertuples(index=False, name=None))
    point, replication = rows[0][:2]
    for one in map(parse_measure, expressions):
        figures = one.figures(frames).items()
        rows += [(point, replication, name, value, unit) for name, (value, unit) in figures]
    rows.append((point, replication, "warmup", frames.warmup_s, "s"))
    rows.append((point, replication, UNLAWFUL, float(len(unlawful_queues(frames))), "queues"))
    write_part_summary(part, rows)
    return {row[2]: row[3] for row in rows}
