"""The retry timetable of postfix-3.7 when a message comes with a scan."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [5, 10, 20, 40, 80, 150, 220, 290, 360]


def test_the_timetable() -> None:
    assert minutes("postfix-3.7")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)
