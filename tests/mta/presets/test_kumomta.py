"""The retry timetable of kumomta."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [20, 60, 140, 300, 620, 1260, 2540, 5100]


def test_the_timetable() -> None:
    assert minutes("kumomta")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_gives_up() -> None:
    assert len(minutes("kumomta")) == 9
