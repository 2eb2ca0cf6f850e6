"""Postfix's timetable of retries."""

from __future__ import annotations

from mailsim.mta.retry import due_at, is_expired, next_scan_at
from mailsim.mta.settings import Settings

S = 1_000_000_000
MIN = 60 * S


def timetable(phase_s: int, n: int) -> list[float]:
    """Return minutes of the attempts of a message that came ``phase_s`` before a scan."""
    arrived = 300 * S - phase_s * S
    now, times = arrived, [0.0]
    for _ in range(n):
        now = next_scan_at(Settings(), due_at(Settings(), arrived, now))
        times.append((now - arrived) / MIN)
    return times


def test_timetable_of_a_message_that_comes_with_a_scan() -> None:
    assert timetable(300, 8) == [0, 5, 10, 20, 40, 80, 150, 220, 290]


def test_timetable_in_the_middle_between_two_scans() -> None:
    assert timetable(150, 6) == [0, 7.5, 17.5, 37.5, 77.5, 147.5, 217.5]


def test_phase_81_is_what_was_measured_of_a_real_provider() -> None:
    # india.com: 6:21, 16:21, 36:21, 76:21, 146:22 (Pagani et al., DSN 2016)
    assert [round(t * 60) for t in timetable(81, 5)[1:]] == [381, 981, 2181, 4581, 8781]


def test_expiry() -> None:
    settings = Settings(maximal_queue_lifetime=100, bounce_queue_lifetime=10)
    assert not is_expired(settings, 0, 99, is_report=False)
    assert is_expired(settings, 0, 100, is_report=False)
    assert is_expired(settings, 0, 10, is_report=True)
