"""The retry timetable of yahoo, to the second."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [2.1167, 5.65, 12.9667, 27.2667, 55.2167, 109.5833, 216.7833, 430.6]


def test_the_timetable() -> None:
    assert minutes("yahoo")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)
