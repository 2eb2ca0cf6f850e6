"""Where a real server puts the mail it has taken over: a Maildir, an mbox, or nowhere."""

from __future__ import annotations

import mailbox
import os
import re
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from mailsim.errors import ConfigError

__all__ = ["Store", "open_store"]


_PATIENCE_S = 10
_from = re.compile(rb"^From ", re.MULTILINE)


class Store(Protocol):
    """Where mail goes; all recipients share it."""

    def add(self, copies: list[bytes]) -> None:
        """Store one message per recipient, lines ended by LF; all or none.

        Raises
        ------
        OSError
            If there is no room, or no right to write.
        """

    def close(self) -> None:
        """Write what is left to write."""


class _Maildir:
    """A Maildir of the standard library."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._box = mailbox.Maildir(path, create=False)

    def add(self, copies: list[bytes]) -> None:
        keys = []
        try:
            for data in copies:
                keys.append(self._box.add(data))
        except OSError:
            for key in keys:
                self._box.discard(key)
            # The library leaves what it could not write; its names tell the process.
            for left in (self._path / "tmp").glob(f"*P{os.getpid()}Q*"):
                left.unlink(missing_ok=True)
            raise

    def close(self) -> None:
        self._box.close()


class _Mbox:
    """An mbox, whose locks are those of the standard library.

    What it adds it appends itself: the library's reads the whole file first, and where there is
    no room it leaves a part of a message behind.

    Parameters
    ----------
    path : Path
    lock : context manager
        Held while it is written to.
    """

    def __init__(self, path: Path, lock: AbstractContextManager[Any]) -> None:
        self._box = mailbox.mbox(path)
        self._lock = lock
        # Open as long as the other one is: closing it would give up the lock of both.
        self._file = path.open("ab", buffering=0)

    def add(self, copies: list[bytes]) -> None:
        start = f"From MAILER-DAEMON {time.asctime(time.gmtime())}\n".encode()
        data = b"".join([start + _from.sub(b">From ", copy) + b"\n" for copy in copies])
        with self._lock:
            self._lock_box()
            try:
                self._append(data)
            finally:
                self._box.unlock()

    def _lock_box(self) -> None:
        """Lock the mbox; other programs keep it locked only for a moment."""
        give_up_at = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._box.lock()
                return
            except mailbox.ExternalClashError:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.02)

    def _append(self, data: bytes) -> None:
        before = os.fstat(self._file.fileno()).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(before)
            raise

    def close(self) -> None:
        self._box.close()
        self._file.close()


def open_store(path: Path, lock: AbstractContextManager[Any] | None = None) -> Store:
    """Return the store at ``path``: an mbox if that is a file or ends in ``.mbox``, else a Maildir.

    Parameters
    ----------
    path : Path
    lock : context manager, optional
        What processes that write to the same mbox hold in turn; a Maildir needs none.

    Raises
    ------
    ConfigError
        If it is neither and cannot be made one.
    """
    try:
        if path.is_file() or path.suffix == ".mbox":
            if path.exists() and not _is_mbox(path):
                raise ConfigError(
                    f"{path}: is no mbox (its first line does not begin with 'From ')"
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            return _Mbox(path, lock or nullcontext())
        if path.is_dir() and any(path.iterdir()) and not (path / "new").is_dir():
            raise ConfigError(f"{path}: is no Maildir (it has no new/) and is not empty")
        path.mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "new", "cur"):
            (path / name).mkdir(exist_ok=True)
        if not os.access(path / "new", os.W_OK):
            raise ConfigError(f"{path}: cannot be written")
        return _Maildir(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be used as a mailbox: {error.strerror}") from error


def _is_mbox(path: Path) -> bool:
    with path.open("r+b") as file:  # fails where we may not write
        return file.read(5) in (b"", b"From ")
