"""The retry timetable of haraka."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [1.067, 3.2, 7.467, 16, 33.07, 67.2, 135.5, 272, 545, 1091, 2183, 4368]


def test_the_timetable() -> None:
    assert minutes("haraka")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_gives_up() -> None:
    assert len(minutes("haraka")) == 13
