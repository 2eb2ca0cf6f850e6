"""The retry timetable of postfix-3.12 when a message comes with a scan."""

from __future__ import annotations

import pytest
from timetables import minutes

EXPECTED = [5, 10, 20, 40, 80, 150, 220, 290, 360]


def test_the_timetable() -> None:
    assert minutes("postfix-3.12")[1 : len(EXPECTED) + 1] == pytest.approx(EXPECTED, rel=5e-3)


def test_a_real_provider_to_the_second() -> None:
    """india.com in Pagani et al. is stock Postfix whose scans come 81 s after its messages."""
    measured = (381, 981, 2181, 4581, 8782, 12981, 17181, 21381, 25581)
    ours = [60 * m for m in minutes("postfix-3.12", 81, 9)[1:]]
    assert [abs(a - b) <= 1 for a, b in zip(ours, measured, strict=True)] == [True] * 9
    assert len(minutes("postfix-3.12", 81)) == 107, "attempts in 5 days"
