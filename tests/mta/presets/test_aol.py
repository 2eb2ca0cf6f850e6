"""The retry timetable of aol, to the second."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [5.5333, 11.5333, 21.5333, 31.5333]


def test_the_timetable() -> None:
    assert minutes("aol")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_gives_up() -> None:
    assert len(minutes("aol")) == 5
