"""Summaries of sweeps: what becomes of them on a full disk."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mailsim.record.parts import part_path
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
