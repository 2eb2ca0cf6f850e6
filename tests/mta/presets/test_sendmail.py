"""The retry timetable of sendmail."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [30, 60, 90, 120]


def test_the_timetable() -> None:
    assert minutes("sendmail")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)
