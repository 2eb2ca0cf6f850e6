"""The retry timetable of GMX, to the second."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED_S = [301, 753, 1430, 2446, 3969, 6254, 9682, 14824, 22536]


def test_the_timetable() -> None:
    assert [60 * m for m in minutes("gmx")[1:10]] == pytest.approx(EXPECTED_S, abs=1e-6)
