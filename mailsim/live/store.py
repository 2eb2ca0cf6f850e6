"""Where a real server puts the mail it has taken over: a Maildir, an mbox, or nowhere."""

from __future__ import annotations

import mailbox
import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from mailsim.errors import ConfigError

__all__ = ["Store", "open_store"]


class Store:
    """A mailbox of the standard library; all recipients share it.

    Parameters
    ----------
    box : mailbox.Mailbox
    lock : context manager
        Held while it is written to.
    """

    def __init__(
        self, box: mailbox.Mailbox[mailbox.Message], lock: AbstractContextManager[Any]
    ) -> None:
        self._box = box
        self._lock = lock

    def add(self, copies: list[bytes]) -> None:
        """Store one message per recipient; all or none.

        Raises
        ------
        OSError
            If there is no room, or no right to write.
        """
        with self._lock:
            self._add(copies)

    def _add(self, copies: list[bytes]) -> None:
        keys = []
        self._box.lock()
        try:
            for data in copies:
                keys.append(self._box.add(data))
            self._box.flush()
        except OSError:
            for key in keys:
                self._box.discard(key)
            raise
        finally:
            self._box.unlock()

    def close(self) -> None:
        """Write what is left to write."""
        self._box.close()


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
            return Store(mailbox.mbox(path), lock or nullcontext())
        if path.is_dir() and any(path.iterdir()) and not (path / "new").is_dir():
            raise ConfigError(f"{path}: is no Maildir (it has no new/) and is not empty")
        path.mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "new", "cur"):
            (path / name).mkdir(exist_ok=True)
        if not os.access(path / "new", os.W_OK):
            raise ConfigError(f"{path}: cannot be written")
        return Store(mailbox.Maildir(path, create=False), nullcontext())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be used as a mailbox: {error.strerror}") from error


def _is_mbox(path: Path) -> bool:
    with path.open("r+b") as file:  # fails where we may not write
        return file.read(5) in (b"", b"From ")
