"""The retry timetable of mail.ru, to the second."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [1.3, 19.25, 49.2333, 79.8167, 113.3333]


def test_the_timetable() -> None:
    assert minutes("mail.ru")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)
