"""docs/validation.md is what ``make theory`` makes of the cases as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest
from theory.cases import figures
from theory.catalogue import STUDIES
from theory.page import Entry, page, read
from theory.words import told

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


@pytest.fixture(scope="module")
def entries() -> dict[str, Entry]:
    """Return what the page says."""
    return read(PAGE.read_text(encoding="utf-8"))


def test_it_has_every_figure_as_it_is_now(entries: dict[str, Entry]) -> None:
    assert entries.keys() == {study.case for study in STUDIES}
    for name, one in entries.items():
        due = {(told(name, key), f"{value:.5g}") for key, value in figures(name).items()}
        assert {(row.figure, row.theory) for row in one.rows} == due, name
        assert len(one.rows) == len(due), name


def test_none_disagrees(entries: dict[str, Entry]) -> None:
    verdicts = {row.verdict for one in entries.values() for row in one.rows}
    assert verdicts <= {"agrees", "undecided"}


def test_who_is_undecided_says_why(entries: dict[str, Entry]) -> None:
    for study in STUDIES:
        if any(row.verdict == "undecided" for row in entries[study.case].rows):
            assert study.note, study.case


def test_it_is_what_is_made_of_such_figures(entries: dict[str, Entry]) -> None:
    """So sections have the order, the sources and the lengths of now, too."""
    assert page(entries) == PAGE.read_text(encoding="utf-8"), "make theory"
