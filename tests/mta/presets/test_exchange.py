"""The retry timetable of exchange."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [15, 30, 45, 60]


def test_the_timetable() -> None:
    assert minutes("exchange")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)
