"""The retry timetable of exim, whose rule has three parts."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [15, 30, 45, 60, 75, 90, 105, 120, 180, 270, 405, 607.5, 911.25, 1366.9]


def test_the_timetable() -> None:
    assert minutes("exim")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_tries_in_four_days() -> None:
    assert len(minutes("exim")) == 28
