"""The retry timetable of mail.com, to the second."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [5.0333, 12.6167, 23.9833, 41.05, 66.6333, 105.0167, 162.5833, 248.9333, 378.4667]


def test_the_timetable() -> None:
    assert minutes("mail.com")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)
