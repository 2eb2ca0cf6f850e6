"""What the tests need from outside, and what to install when it is not there."""

from __future__ import annotations

import importlib
import os
import shutil
from pathlib import Path
from types import ModuleType

__all__ = ["MissingPeerError", "module", "need_root", "program", "unpacked"]

# Debian keeps servers where only root looks.
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


class MissingPeerError(Exception):
    """A program or library to talk to is not installed; the text says how to get it.

    ``conftest.py`` turns it into a skipped test, or into a failed one where CI runs.
    """


def program(name: str, package: str) -> str:
    """Return the path of a program that a Debian package brings."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise MissingPeerError(
            f"no {name}: Debian package {package}; "
            f"apt-get install --no-install-recommends {package}"
        )
    return found


def unpacked(peer: str, path: str) -> str:
    """Return a program of a server that ``.ci/peers`` unpacks, as it cannot live beside Postfix."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    found = cache / "mailsim-peers" / peer / path
    if not found.is_file():
        raise MissingPeerError(f"no {found.name}: Debian package {peer}; .ci/peers unpacks it")
    return str(found)


def module(name: str) -> ModuleType:
    """Return a module of a library from PyPI."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise MissingPeerError(f"no {package}: pip install {package}, or make setup") from error


def need_root(peer: str) -> None:
    """Say that a server cannot start: it gives up root's rights itself, so it must have them."""
    if os.geteuid() != 0:
        raise MissingPeerError(f"{peer} starts as root only: run these tests as root")
