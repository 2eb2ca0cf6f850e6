"""A finished part in figures: its summary, kept beside its tables so that it is made but once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mailsim.record.saved import read_run_json, read_table
from mailsim.record.summaries import read_summary, write_part_summary

__all__ = ["digest"]

_WALL = "messages_per_wall_s"


def digest(part: Path) -> dict[str, float]:
    """Return the metrics of a part by name; from its ``summary.parquet`` if that is there.

    Raises
    ------
    ConfigError
        If a table cannot be read.
    """
    known = read_summary(part)
    if known is not None:
        return known
    from mailsim.analysis import Frames, summarize

    info: dict[str, Any] = read_run_json(part)
    frames = Frames({name: read_table(part, name) for name in info["tables"]}, info)
    found = summarize(frames, info)
    kept = found[found["metric"] != _WALL]  # which is of the machine and not of the run
    write_part_summary(part, kept.itertuples(index=False, name=None))
    return dict(zip(kept["metric"], kept["value"], strict=True))
