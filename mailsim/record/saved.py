"""A run on disk: a directory with ``run.json`` and one Parquet file per table.

It is written whole or not at all: everything goes into a hidden directory beside it, which
takes its name when it is complete.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mailsim.errors import ConfigError

__all__ = ["is_run", "read_run_json", "read_table", "replacing", "write_run_json", "write_table"]


def is_run(directory: Path) -> bool:
    """Tell whether a directory holds a saved run."""
    return (directory / "run.json").is_file()


@contextmanager
def replacing(directory: Path) -> Iterator[Path]:
    """Give a directory to write into; on success it becomes ``directory``, else it is gone.

    Whatever interrupts it and whenever, ``directory`` is afterwards what it was before or the
    new one.

    Raises
    ------
    ConfigError
        If ``directory`` exists and is not a saved run: nothing else is ever replaced.
    """
    if (
        directory.exists()
        and not is_run(directory)
        and (not directory.is_dir() or any(directory.iterdir()))
    ):
        raise ConfigError(f"{directory}: exists and is not a mailsim run; choose another --out")
    parent = directory.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", suffix=".part", dir=parent))
    except OSError as error:
        raise ConfigError(f"{directory}: cannot be written: {error.strerror}") from error
    old = part.with_suffix(".old")
    try:
        yield part
        part.chmod(0o777 & ~_umask())
        if directory.exists():
            os.rename(directory, old)
        os.rename(part, directory)
    finally:
        if old.exists() and not directory.exists():
            os.rename(old, directory)
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(part, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_run_json(directory: Path, info: dict[str, Any]) -> None:
    """Write what is known of the run as a whole."""
    text = json.dumps(info, indent=1, ensure_ascii=False)
    (directory / "run.json").write_text(text + "\n", encoding="utf-8")


def write_table(directory: Path, name: str, table: pa.Table) -> None:
    """Write one table."""
    pq.write_table(table, directory / f"{name}.parquet", compression="zstd")


def read_run_json(directory: Path) -> dict[str, Any]:
    """Return what is known of a saved run.

    Raises
    ------
    ConfigError
        If the directory holds no run, or a damaged one.
    """
    path = directory / "run.json"
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{directory}: no mailsim run (it has no run.json)") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if not isinstance(info, dict):
        raise ConfigError(f"{path}: expected an object, got {type(info).__name__}")
    return info


def read_table(directory: Path, name: str) -> pa.Table:
    """Return one table of a saved run.

    Raises
    ------
    ConfigError
        If the run has no such table, or its file is damaged.
    """
    path = directory / f"{name}.parquet"
    try:
        return pq.read_table(path)
    except FileNotFoundError:
        raise ConfigError(f"{directory}: the run has no table {name!r}") from None
    except (OSError, pa.ArrowException) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
