"""The retry timetable of yandex, to the second."""

from __future__ import annotations

from itertools import pairwise

import pytest
from timetables import minutes

EXPECTED = [1.0833, 2.9667, 6.8833, 14.9167, 30.4667, 45.6833, 61.0167]


def test_the_timetable() -> None:
    assert minutes("yandex")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_goes_on() -> None:
    times = minutes("yandex", 0, len(EXPECTED) + 5)[len(EXPECTED) :]
    assert [b - a for a, b in pairwise(times)] == pytest.approx([15.5] * 5)
