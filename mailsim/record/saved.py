"""A run on disk: a directory with ``run.json`` and one Parquet file per table.

It is written whole or not at all: everything goes into a hidden directory beside it, which
takes its name when it is complete.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mailsim.errors import ConfigError
from mailsim.record.log import schema_of
from mailsim.record.tables import TABLES

__all__ = [
    "OWN_FILES",
    "PICTURES",
    "SavedTables",
    "is_run",
    "read_run_json",
    "read_table",
    "replacing",
    "require",
    "write_run_json",
    "write_table",
]

PICTURES = ("latency", "queue")
"""The plots that ``mailsim run`` draws into the directory."""

OWN_FILES = frozenset(
    {"run.json", "summary.parquet"}
    | {f"{name}.parquet" for name in TABLES}
    | {f"{kind}.png" for kind in PICTURES}
)
"""What may be in the directory of a run; anything else is somebody's own."""


def is_run(directory: Path) -> bool:
    """Tell whether a directory holds a saved run."""
    return (directory / "run.json").is_file()


@contextmanager
def replacing(directory: Path) -> Iterator[Path]:
    """Give a directory to write into; on success it becomes ``directory``, else it is gone.

    Whatever interrupts it and whenever, ``directory`` is afterwards what it was before or the
    new one.  A symbolic link stays: what it points to is replaced.  Of several at once the last
    one to finish stays, whole.

    Raises
    ------
    ConfigError
        If ``directory`` exists and is not a saved run, or holds files that are not of a run:
        nothing else is ever replaced.  If it cannot be written.
    """
    try:
        target = Path(os.path.realpath(directory))
        _refuse_others(target, directory)
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{directory}: cannot be written: {error.strerror}") from error
    # The name is known before there is anything of that name, so it is cleared away in any case.
    part = target.parent / f".mailsim.{secrets.token_hex(8)}.part"
    try:
        try:
            part.mkdir(0o700)
        except OSError as error:
            raise ConfigError(f"{directory}: cannot be written: {error.strerror}") from error
        yield part
        part.chmod(0o777 & ~_umask())
        _swap(part, target, directory)
    except OSError as error:  # Arrow's do not say where
        if error.filename is None:  # made anew, for theirs would lose it between processes
            reason = error.strerror or str(error)
            raise OSError(error.errno, reason, str(directory)) from error
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _refuse_others(target: Path, written: Path) -> None:
    """Raise unless ``target`` can be replaced without the loss of anything but a run."""
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ConfigError(f"{written}: exists and is not a mailsim run; choose another --out")
    names = sorted(entry.name for entry in target.iterdir())
    if names and not is_run(target):
        raise ConfigError(f"{written}: exists and is not a mailsim run; choose another --out")
    others = [name for name in names if name not in OWN_FILES]
    if others:
        more = ", ..." if len(others) > 3 else ""
        raise ConfigError(
            f"{written}: expected nothing but a mailsim run, got {', '.join(others[:3])}{more} "
            "beside it, which would be lost; move that away or choose another --out"
        )


def _swap(part: Path, target: Path, written: Path) -> None:
    """Give ``part`` the name ``target``; take away the run that had it."""
    old = part.with_suffix(".old")
    try:
        while True:
            _refuse_others(target, written)
            # Both may fail because another process has just put its own run there or away.
            with suppress(FileNotFoundError):
                os.rename(target, old)
            try:
                os.rename(part, target)
                return
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                _remove(old)
    except OSError as error:
        raise ConfigError(f"{written}: cannot be written: {error.strerror}") from error
    finally:
        if old.exists() and not target.exists():
            os.rename(old, target)
        _remove(old)


def _remove(directory: Path) -> None:
    with suppress(OSError):
        directory.chmod(0o700)  # else what is in a write-protected one stays
    shutil.rmtree(directory, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


_NUMBER = ((int, float), "a number")
_OF_A_RUN: dict[str, tuple[Any, str]] = {
    "name": (str, "a name"),
    "seed": (int, "a whole number"),
    "simulated_s": _NUMBER,
    "warmup_s": _NUMBER,
    "wall_s": _NUMBER,
    "counts": (dict, "recipients by fate"),
    "tables": (dict, "numbers of rows by table"),
}
"""What readers rely on in ``run.json``."""


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


def require(info: dict[str, Any], directory: Path, *keys: str) -> None:
    """Raise unless the keys of a ``run.json`` are there and of the right kind.

    Raises
    ------
    ConfigError
        If one is missing, or is something else.
    """
    path = directory / "run.json"
    for key in keys:
        kind, what = _OF_A_RUN[key]
        if key not in info:
            raise ConfigError(f"{path}: not of a mailsim run: no {key!r}")
        if not isinstance(info[key], kind) or isinstance(info[key], bool):
            raise ConfigError(
                f"{path}: not of a mailsim run: {key}: expected {what}, got {info[key]!r}"
            )
    for name in info["tables"]:
        if name not in TABLES:
            raise ConfigError(f"{path}: not of a mailsim run: unknown table {name!r}")


_AT_A_TIME = 65_536


class SavedTables(Mapping[str, pa.Table]):
    """The tables of a saved run, each read when it is asked for, or only some of its columns.

    The files stay open, so that another run may take the place of this one.

    Parameters
    ----------
    directory : Path
    names : iterable of str

    Raises
    ------
    ConfigError
        If a table is not there, or is damaged.
    """

    def __init__(self, directory: Path, names: Iterable[str]) -> None:
        self._directory = directory
        self._files = {name: _opened(directory, name) for name in names}

    def __getitem__(self, name: str) -> pa.Table:
        return self.read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files  # a Mapping's own way would read it

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table, or some of its columns.

        Raises
        ------
        ConfigError
            If it is damaged.
        """
        try:
            return self._files[name].read(None if columns is None else list(columns))
        except (OSError, pa.ArrowException) as error:
            raise self._damaged(name, error) from error

    def batches(
        self, name: str, columns: Sequence[str]
    ) -> tuple[Iterator[pa.RecordBatch], pa.Schema]:
        """Return some columns of a table by and by, and their schema.

        Whoever makes each batch smaller needs less memory.

        Raises
        ------
        ConfigError
            If it is damaged; on iteration.
        """
        known = self._files[name].schema_arrow
        return self._batches(name, columns), pa.schema([known.field(column) for column in columns])

    def _batches(self, name: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._files[name].iter_batches(
                _AT_A_TIME, columns=list(columns), use_threads=False
            )
        except (OSError, pa.ArrowException) as error:
            raise self._damaged(name, error) from error

    def _damaged(self, name: str, error: Exception) -> ConfigError:
        path = self._directory / f"{name}.parquet"
        return ConfigError(f"{path}: cannot be read: {error}")


def read_table(directory: Path, name: str) -> pa.Table:
    """Return one table of a saved run.

    Raises
    ------
    ConfigError
        If the run has no such table, or its file is damaged.
    """
    return SavedTables(directory, [name])[name]


def _opened(directory: Path, name: str) -> pq.ParquetFile:
    path = directory / f"{name}.parquet"
    try:
        found = pq.ParquetFile(path, memory_map=False)
    except FileNotFoundError:
        raise ConfigError(f"{directory}: the run has no table {name!r}") from None
    except (OSError, pa.ArrowException) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    expected, schema = schema_of(TABLES[name]), found.schema_arrow
    if schema.names != expected.names or schema.types != expected.types:
        wrong = [
            f"{field.name} {field.type}"
            for field in expected
            if field.name not in schema.names or schema.field(field.name).type != field.type
        ]
        what = f"no column {wrong[0]}" if wrong else "other columns than a run has"
        raise ConfigError(f"{path}: not the table {name!r} of a mailsim run: {what}")
    return found
