"""The retry timetable of gmail, to the second."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [6.0333, 29.0333, 56.6, 98.7333, 162.05, 229.7333, 309.0833, 434.7667]


def test_the_timetable() -> None:
    assert minutes("gmail")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)
