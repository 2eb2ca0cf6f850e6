"""A run on disk: whole or not at all, and what is damaged is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from synthetic import delivery, make_table

from mailsim.errors import ConfigError
from mailsim.record.saved import (
    SavedTables,
    is_run,
    read_run_json,
    read_table,
    replacing,
    write_run_json,
    write_table,
)
from mailsim.results import Run


def write(directory: Path, name: str) -> None:
    with replacing(directory) as part:
        write_run_json(part, {"name": name})


def test_files_that_are_not_of_a_run_are_never_lost(tmp_path: Path) -> None:
    out = tmp_path / "a"
    write(out, "first")
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"nothing but a mailsim run, got notes\.txt"):
        write(out, "second")
    assert (out / "notes.txt").read_text() == "mine"
    assert name_of(out) == "first"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path, is_there: bool) -> None:
    target, link = tmp_path / "a", tmp_path / "link"
    if is_there:
        write(target, "first")
    link.symlink_to("a")
    write(link, "second")
    assert link.is_symlink()
    assert name_of(target) == "second"
    assert sorted(tmp_path.iterdir()) == [target, link]


def test_of_two_at_once_the_last_to_finish_stays_whole(tmp_path: Path) -> None:
    out = tmp_path / "a"
    write(out, "old")
    with replacing(out) as slow:
        write_run_json(slow, {"name": "slow"})
        write(out, "quick")
    assert name_of(out) == "slow"
    assert list(tmp_path.iterdir()) == [out]


def test_another_process_puts_its_run_there_between_the_renamings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a"
    write(out, "old")
    rename, calls = os.rename, []

    def raced(source: Path, target: Path) -> None:
        rename(source, target)
        calls.append(target)
        if len(calls) == 1:
            out.mkdir()
            write_run_json(out, {"name": "other"})

    monkeypatch.setattr(os, "rename", raced)
    write(out, "mine")
    assert name_of(out) == "mine"
    assert list(tmp_path.iterdir()) == [out]


def name_of(directory: Path) -> object:
    return read_run_json(directory)["name"]


def test_a_run_appears_at_the_end_and_replaces_an_older_one(tmp_path: Path) -> None:
    out = tmp_path / "results" / "a"
    with replacing(out) as part:
        assert not out.exists()
        assert part.parent == out.parent
        write_run_json(part, {"name": "first"})
    assert is_run(out)
    write(out, "second")
    assert name_of(out) == "second"
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError, RuntimeError])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, failure: type[BaseException], is_there: bool
) -> None:
    out = tmp_path / "a"
    if is_there:
        write(out, "first")

    def fail() -> None:
        with replacing(out) as part:
            write_run_json(part, {"name": "second"})
            raise failure

    with pytest.raises(failure):
        fail()
    assert list(tmp_path.iterdir()) == ([out] if is_there else [])
    assert not is_there or name_of(out) == "first"


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interruption_at_either_renaming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int, when: str
) -> None:
    """The old run moves away, the new one takes its name: SIGINT right before or after each."""
    out = tmp_path / "a"
    write(out, "first")
    calls = []
    rename = os.rename

    def interrupted(source: str, target: str) -> None:
        calls.append(target)
        is_it = len(calls) == nth
        if is_it and when == "before":
            raise KeyboardInterrupt
        rename(source, target)
        if is_it:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(out, "second")
    assert list(tmp_path.iterdir()) == [out]
    assert name_of(out) == ("second" if (nth, when) == (2, "after") else "first")


def test_what_is_no_run_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write(tmp_path / "a", "into an empty directory")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "precious.txt").write_text("keep me")
    (tmp_path / "c").write_text("a file")
    for name in "bc":
        with pytest.raises(ConfigError, match="exists and is not a mailsim run"):
            write(tmp_path / name, "x")
    with pytest.raises(ConfigError, match="cannot be written: File exists"):
        write(tmp_path / "c" / "d", "x")
    assert (tmp_path / "b" / "precious.txt").read_text() == "keep me"


def test_tables_come_back(tmp_path: Path) -> None:
    table = make_table("deliveries", [delivery(1, 0.5, 1.5), delivery(2, 1.0, None)])
    write_table(tmp_path, "deliveries", table)
    assert read_table(tmp_path, "deliveries").equals(table)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, r"no mailsim run \(it has no run.json\)"),
        ({"run.json": "{"}, "run.json: cannot be read"),
        ({"run.json": "\\xff"}, "run.json: cannot be read"),
        ({"run.json": "[]"}, "expected an object, got list"),
        ({"run.json": "{}"}, "not of a mailsim run: no 'tables'"),
        ({"run.json": '{"tables": 5}'}, "not of a mailsim run"),
        ({"run.json": '{"tables": {"deliveries": 1}}'}, "has no table 'deliveries'"),
        (
            {"run.json": '{"tables": {"deliveries": 1}}', "deliveries.parquet": "PAR1 no"},
            "deliveries.parquet: cannot be read",
        ),
    ],
)
def test_a_damaged_run(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match=expected):
        Run.open(tmp_path)


def test_tables_are_read_by_column_also_when_another_run_has_taken_the_place(
    tmp_path: Path,
) -> None:
    out = tmp_path / "a"
    for sender in ("old@x", "new@x"):
        with replacing(out) as part:
            write_run_json(part, {"name": "bulk"})
            row = {**delivery(1, 0.0, 1.0), "sender": sender}
            write_table(part, "deliveries", make_table("deliveries", [row]))
        if sender == "old@x":
            tables = SavedTables(out, ["deliveries"])
    assert list(tables) == ["deliveries"]
    assert len(tables) == 1
    assert tables.read("deliveries", ["sender"]).to_pydict() == {"sender": ["old@x"]}
    assert tables["deliveries"].num_columns > 1


def test_a_table_damaged_in_the_middle_is_told(tmp_path: Path) -> None:
    write_table(tmp_path, "deliveries", make_table("deliveries", [delivery(1, 0.0, 1.0)]))
    path = tmp_path / "deliveries.parquet"
    data = bytearray(path.read_bytes())
    data[4:60] = bytes(56)
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"deliveries\.parquet: cannot be read"):
        read_table(tmp_path, "deliveries")
