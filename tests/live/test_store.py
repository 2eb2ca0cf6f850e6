"""Mail that has been taken over is stored whole, or not at all."""

from __future__ import annotations

import mailbox
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailsim.live.store import open_store

MAIL = b"Subject: x\n\nFrom here on.\n" + b"y" * 70 + b"\n"


@contextmanager
def no_file_above(n_bytes: int) -> Iterator[None]:
    """Let writing fail as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_mbox_is_what_it_was_where_there_is_no_room(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    store = open_store(path)
    store.add([MAIL])
    before = path.read_bytes()
    with no_file_above(len(before) + len(MAIL)), pytest.raises(OSError, match="File too large"):
        store.add([MAIL, MAIL])
    assert path.read_bytes() == before
    store.add([MAIL, MAIL])
    store.close()
    box = mailbox.mbox(path)
    assert [message.get_payload() for message in box] == [">From here on.\n" + "y" * 70 + "\n"] * 3
    box.close()


# What the library could not write it does not close either.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_maildir_is_what_it_was_where_there_is_no_room(tmp_path: Path) -> None:
    store = open_store(tmp_path / "box")
    store.add([MAIL])
    with no_file_above(50), pytest.raises(OSError, match="File too large"):
        store.add([MAIL[:40], MAIL])
    store.add([MAIL])
    store.close()
    assert len(list((tmp_path / "box" / "new").iterdir())) == 2
    assert not list((tmp_path / "box" / "tmp").iterdir())


def test_an_mbox_that_others_write_to(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    stores = [open_store(path) for _ in range(2)]
    for i in range(6):
        stores[i % 2].add([MAIL])
    for store in stores:
        store.close()
    box = mailbox.mbox(path)
    assert len(box) == 6
    box.close()
