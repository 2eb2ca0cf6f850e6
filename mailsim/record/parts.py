"""A sweep on disk: ``sweep.json``, a run for each point and replication, and their summary.

::

    DIR/
      sweep.json              what is swept: scenario, seed, points, version
      parts/point3-rep0/      the run of point 3 with the random numbers of replication 0:
                              run.json, a Parquet file per table, summary.parquet
      summary.parquet         a row per point, replication and metric, of all parts

A part is written whole or not at all; what is there is finished.  ``summary.parquet`` is made
from the parts when the sweep is over, and can be made again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mailsim.errors import ConfigError
from mailsim.record.saved import read_run_json

__all__ = [
    "clear_away",
    "damage",
    "foreign",
    "is_sweep",
    "part_path",
    "parts_of",
    "read_sweep_json",
    "replace_file",
    "write_sweep_json",
]

_PART = re.compile(r"point(\d+)-rep(\d+)")
_OURS = {"sweep.json", "summary.parquet", "parts", "sweep.lock"}


def is_sweep(directory: Path) -> bool:
    """Tell whether a directory holds a saved sweep."""
    return (directory / "sweep.json").is_file()


def part_path(directory: Path, point: int, replication: int) -> Path:
    """Return the directory of one part."""
    return directory / "parts" / f"point{point}-rep{replication}"


def parts_of(directory: Path) -> list[tuple[int, int]]:
    """Return point and replication of the parts that are there, sorted."""
    try:
        names = os.listdir(directory / "parts")
    except FileNotFoundError:
        return []
    found = (_PART.fullmatch(name) for name in names)
    return sorted((int(part[1]), int(part[2])) for part in found if part is not None)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; an error names it."""
    new = path.with_name(f".mailsim.{os.getpid()}.{path.name}.part")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:  # the system does not say where if a disk is full
        error.filename = str(path)
        raise
    finally:
        new.unlink(missing_ok=True)


def write_sweep_json(directory: Path, info: dict[str, Any]) -> None:
    """Write what the sweep is."""
    text = json.dumps(info, indent=1, ensure_ascii=False) + "\n"
    replace_file(directory / "sweep.json", text.encode())


def read_sweep_json(directory: Path) -> dict[str, Any]:
    """Return what a saved sweep is.

    Raises
    ------
    ConfigError
        If the directory holds none, or a damaged one.
    """
    path = directory / "sweep.json"
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{directory}: no mailsim sweep (it has no sweep.json)") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if not isinstance(info, dict) or not isinstance(info.get("points"), list):
        raise ConfigError(f"{path}: not of a mailsim sweep: no list of points")
    return info


def damage(directory: Path) -> str:
    """Return what is wrong with the files of a part, or nothing."""
    try:
        info = read_run_json(directory)
        rows = info["tables"].items()
    except ConfigError as error:
        return str(error)
    except (KeyError, AttributeError):
        return f"{directory}/run.json: no tables"
    for name, n in rows:
        path = directory / f"{name}.parquet"
        try:
            found = pq.read_metadata(path).num_rows
        except (OSError, pa.ArrowException) as error:
            return f"{path}: cannot be read: {' '.join(str(error).split())}"
        if found != n:
            return f"{path}: {found} rows where run.json says {n}"
    return ""


def clear_away(directory: Path) -> None:
    """Remove what a process that was killed has left half-written in a sweep.

    Raises
    ------
    OSError
        If it cannot be removed.
    """
    for path in _half_written(directory):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _half_written(directory: Path) -> Iterator[Path]:
    yield from directory.glob(".mailsim.*.part")
    yield from directory.glob("parts/.mailsim.*")


def foreign(directory: Path) -> list[str]:
    """Return the names in a directory that are not of a sweep."""
    return sorted(path.name for path in directory.iterdir() if path.name not in _OURS)
