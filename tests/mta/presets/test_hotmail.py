"""The retry timetable of hotmail, to the second."""

from __future__ import annotations

from itertools import pairwise

import pytest
from timetables import minutes

EXPECTED = [1.0167, 2.05, 3.0667, 5.1, 8.1167, 12.1333, 16.1667]


def test_the_timetable() -> None:
    assert minutes("hotmail")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_goes_on() -> None:
    times = minutes("hotmail", 0, len(EXPECTED) + 5)[len(EXPECTED) :]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([4] * 5)
