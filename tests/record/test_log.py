"""Rows become Arrow tables: types, nulls, seconds; in memory and on disk the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.record import ON_DEMAND, TABLES
from mailsim.record.log import Log, schema_of
from mailsim.record.saved import read_table

ROW = (1, "b@example.net", "", "test", "example.net", 1000, 1, None, 2_500_000_000, 1500,
       "delivered", 1, 2, "mx", "250 Ok")  # fmt: skip


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_columns_are_named_typed_and_told(table) -> None:  # noqa: ANN001
    assert table.row
    for column in table.columns:
        assert column.doc
        assert column.type in ("int", "text", "bool", "time")
        assert (column.type == "time") == column.name.endswith("_s")
    assert schema_of(table).names == list(table.column_names)


def test_times_become_seconds_and_none_becomes_null() -> None:
    log = Log()
    log.deliveries.append(ROW)
    assert log.close()["deliveries"] == 1
    (row,) = log.tables()["deliveries"].to_pylist()
    assert (row["submitted_at_s"], row["accepted_at_s"], row["ended_at_s"]) == (1e-9, None, 2.5)
    assert row["message"] == 1


def test_on_disk_as_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailsim.record.log._BATCH", 3)
    logs = [Log(), Log(tmp_path)]
    for log in logs:
        for n in range(1, 11):
            log.deliveries.append((n, *ROW[1:]))
            log.flush()
        assert len(log.deliveries) == 1, "whole batches are written out as the run goes on"
        assert log.close()["deliveries"] == 10
    for name, table in logs[0].tables().items():
        assert table.equals(read_table(tmp_path, name)), name


def test_events_only_when_asked_for(tmp_path: Path) -> None:
    assert "events" not in Log().tables()
    assert Log(with_events=True).tables()["events"].schema == schema_of(TABLES["events"])
    Log(tmp_path).close()
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(set(TABLES) - ON_DEMAND)


def test_what_was_said_becomes_rows_when_there_are_enough() -> None:
    log = Log(with_events=True)
    log.said.add(5, 1, 0, "-", b"connection from x\r\n", -1, 0)
    log.said.add(7, 1, 3, "S", b"250-mx\r\n250 \xc3\xbc\r\n")
    log.said.add(9, 2, 0, "C", b"\r\n[10 octets of text]\r\n.\r\n", -2, 10)
    assert len(log.said) == 3
    log.flush(4)
    assert len(log.said) == 3
    assert log.close()["events"] == 6
    assert len(log.said) == 0
    table = log.tables()["events"]
    table.validate(full=True)
    rows = [
        tuple(row[name] for name in ("at_s", "session", "message", "side", "text", "bytes"))
        for row in table.to_pylist()
    ]
    assert rows == [
        (5e-9, 1, None, "-", "connection from x", 0),
        (7e-9, 1, 3, "S", "250-mx", 8),
        (7e-9, 1, 3, "S", "250 ü", 8),
        (9e-9, 2, None, "C", "", 2),
        (9e-9, 2, None, "C", "[10 octets of text]", 10),
        (9e-9, 2, None, "C", ".", 3),
    ]
