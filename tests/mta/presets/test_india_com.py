"""The retry timetable of india.com, to the second."""

from __future__ import annotations

from itertools import pairwise

import pytest
from timetables import minutes

EXPECTED = [6.35, 16.35, 36.35, 76.35, 146.3667, 216.35]


def test_the_timetable() -> None:
    assert minutes("india.com")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_goes_on() -> None:
    times = minutes("india.com", 0, len(EXPECTED) + 5)[len(EXPECTED) :]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([70] * 5)
