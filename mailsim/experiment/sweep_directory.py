"""The directory of a sweep: made, continued or replaced, and held against other processes."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mailsim.errors import ConfigError
from mailsim.record.parts import (
    clear_away,
    foreign,
    is_sweep,
    read_sweep_json,
    write_sweep_json,
)
from mailsim.record.saved import OWN_FILES, is_run

__all__ = ["sweep_directory"]

_FREE = ("repeat", "until", "measures", "expect")
"""Words of a sweep and its scenario on which its parts do not depend."""


@contextmanager
def sweep_directory(
    out: Path, info: dict[str, Any], *, is_shared: bool, keeps: bool
) -> Iterator[None]:
    """Make ``out`` the directory of a sweep and hold it meanwhile.

    Parameters
    ----------
    out : Path
    info : dict
        What ``sweep.json`` is to say.
    is_shared : bool
        Other processes may work in it, too, on other parts.
    keeps : bool
        Parts that are there stay; else a sweep or run that is there is replaced.

    Raises
    ------
    ConfigError
        If it cannot be written, holds something else or is in use; if the parts that are to
        stay are of another sweep.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        held = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written: {error.strerror}") from error
    try:
        _lock(held, out, is_shared=is_shared)
        try:
            _prepare(out, info, keeps=keeps)
            if not is_shared:
                clear_away(out)
        except OSError as error:
            raise ConfigError(f"{out}: cannot be written: {error.strerror}") from error
        yield
    finally:
        os.close(held)
        with suppress(OSError):  # nothing has come of it
            out.rmdir()


def _lock(held: int, out: Path, *, is_shared: bool) -> None:
    """Hold a directory; the system lets go of it when the process ends, however it does."""
    try:
        fcntl.flock(held, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigError(f"{out}: another mailsim is at work there") from None
    except OSError:
        pass  # a file system without locks: nothing can be said


def _prepare(out: Path, info: dict[str, Any], *, keeps: bool) -> None:
    names = sorted(path.name for path in out.iterdir())
    if is_sweep(out):
        others = foreign(out)
        if not keeps and others:
            raise ConfigError(
                f"{out}: expected nothing but a mailsim sweep, got {others[0]} beside it, which "
                "would be lost; move that away or choose another --out"
            )
        if keeps:
            _compare(out, read_sweep_json(out), info)
        else:
            _empty(out)
    elif names:
        if keeps or not is_run(out) or not set(names) <= OWN_FILES:
            raise ConfigError(f"{out}: exists and is not a mailsim sweep; choose another --out")
        _empty(out)
    (out / "parts").mkdir(exist_ok=True)
    write_sweep_json(out, info)


def _empty(out: Path) -> None:
    for path in out.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _compare(out: Path, there: dict[str, Any], info: dict[str, Any]) -> None:
    """Raise unless the parts of one sweep can be those of the other."""
    mine, theirs = _version(info), _version(there)
    if there.get("format") != info["format"] or mine != theirs:
        raise ConfigError(
            f"{out}: results of mailsim {theirs}, this is {mine}: run without --resume and --only, "
            "or choose another --out"
        )
    fixed = ("seed", "scenario") if "find" in info else ("seed", "points", "scenario")
    for key in fixed:  # a search comes to the same points again
        if _relevant(there.get(key)) != _relevant(info[key]):
            raise ConfigError(
                f"{out}: results of another scenario ({_first(there.get(key), info[key], key)}): "
                "run without --resume and --only, or choose another --out"
            )


def _version(info: dict[str, Any]) -> Any:
    versions = info.get("versions")
    return versions.get("mailsim") if isinstance(versions, dict) else None


def _relevant(value: Any) -> Any:
    """Return what the parts depend on: more replications leave them as they are."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in _FREE}
        if isinstance(value.get("sweep"), dict):
            kept["sweep"] = {k: v for k, v in value["sweep"].items() if k not in _FREE}
        return kept
    return value


def _first(there: Any, here: Any, path: str) -> str:
    """Return the first difference, for people."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in [*here, *there]:
            if there.get(key) != here.get(key) and key not in _FREE:
                return _first(there.get(key), here.get(key), f"{path}.{key}")
    return f"{path.removeprefix('scenario.')} was {_short(there)}, is {_short(here)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
