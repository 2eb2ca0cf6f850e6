"""The retry timetable of opensmtpd."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [6.67, 26.67, 60, 106.67, 166.67, 240]


def test_the_timetable() -> None:
    assert minutes("opensmtpd")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_tries_in_four_days() -> None:
    assert len(minutes("opensmtpd")) == 30
