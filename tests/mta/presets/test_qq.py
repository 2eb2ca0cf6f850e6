"""The retry timetable of qq, to the second."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [
    5.0833,
    5.1833,
    5.2833,
    6.3167,
    8.3667,
    12.4167,
    20.4833,
    52.5167,
    84.5833,
    144.7,
    204.9333,
]


def test_the_timetable() -> None:
    assert minutes("qq")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_gives_up() -> None:
    assert len(minutes("qq")) == 12
