"""Summaries of sweeps: what becomes of them on a full disk."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mailsim.record.parts import part_path
from mailsim.record.saved import replacing
from mailsim.record.summaries import read_summary, write_part_summary, write_summary


def test_a_full_disk_is_told_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = part_path(tmp_path, 0, 0)
    part.mkdir(parents=True)
    write_part_summary(part, [(0, 0, "delivered", 7.0, "recipients")])
    assert read_summary(part) == {"delivered": 7.0}
    write_summary(tmp_path)
    path = tmp_path / "summary.parquet"
    before = path.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_summary(tmp_path)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["parts", "summary.parquet"]


def test_a_full_disk_is_told_with_the_summary_of_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_part_summary(tmp_path, [(0, 0, "delivered", 7.0, "recipients")])
    assert caught.value.filename == str(tmp_path / "summary.parquet")


def test_an_error_of_arrow_says_where_in_another_process_too(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="writing bytes") as caught, replacing(tmp_path / "run"):
        raise OSError("Error writing bytes to file")
    there = pickle.loads(pickle.dumps(caught.value))
    assert (there.filename, there.strerror) == (
        str(tmp_path / "run"),
        "Error writing bytes to file",
    )
