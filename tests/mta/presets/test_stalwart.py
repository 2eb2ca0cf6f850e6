"""The retry timetable of stalwart."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [2, 7, 17, 32, 62, 122, 242, 1682, 6002]


def test_the_timetable() -> None:
    assert minutes("stalwart")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_then_it_gives_up() -> None:
    assert len(minutes("stalwart")) == 10
