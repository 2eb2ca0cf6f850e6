"""Postfix's timetable of retries."""

from __future__ import annotations

import pytest

from mailsim.mta.retry import (
    Jittered,
    Memoryless,
    Retry,
    Spaced,
    due_at,
    is_expired,
    next_scan_at,
    timetable,
)
from mailsim.mta.settings import Settings

S = 1_000_000_000
MIN = 60 * S


def postfix_timetable(phase_s: int, n: int) -> list[float]:
    """Return minutes of the attempts of a message that came ``phase_s`` before a scan."""
    arrived = 300 * S - phase_s * S
    now, times = arrived, [0.0]
    for _ in range(n):
        now = next_scan_at(Settings(), due_at(Settings(), arrived, now))
        times.append((now - arrived) / MIN)
    return times


def test_timetable_of_a_message_that_comes_with_a_scan() -> None:
    assert postfix_timetable(300, 8) == [0, 5, 10, 20, 40, 80, 150, 220, 290]


def test_timetable_in_the_middle_between_two_scans() -> None:
    assert postfix_timetable(150, 6) == [0, 7.5, 17.5, 37.5, 77.5, 147.5, 217.5]


def test_phase_81_is_what_was_measured_of_a_real_provider() -> None:
    # india.com: 6:21, 16:21, 36:21, 76:21, 146:22 (Pagani et al., DSN 2016)
    assert [round(t * 60) for t in postfix_timetable(81, 5)[1:]] == [381, 981, 2181, 4581, 8781]


def test_expiry() -> None:
    settings = Settings(maximal_queue_lifetime=100, bounce_queue_lifetime=10)
    assert not is_expired(settings, 0, 99, is_report=False)
    assert is_expired(settings, 0, 100, is_report=False)
    assert is_expired(settings, 0, 10, is_report=True)


def test_waits_from_the_attempt_before_or_from_the_arrival() -> None:
    """An attempt that takes a minute puts all later ones off, or none."""
    by_wait = Spaced(Settings(), lambda n: 600.0 * n)
    by_age = Spaced(Settings(), lambda n: 600.0 * n, from_arrival=True)
    assert by_wait.plan(2, 0, 21 * MIN, is_report=False) == (31 * MIN, 31 * MIN)
    assert by_age.plan(2, 0, 11 * MIN, is_report=False) == (20 * MIN, 20 * MIN)
    assert by_age.plan(2, 0, 21 * MIN, is_report=False) == (21 * MIN, 21 * MIN), "late is at once"


def test_giving_up_before_or_after_the_attempt_that_is_too_late() -> None:
    hour = Settings(maximal_queue_lifetime=60 * MIN, bounce_queue_lifetime=30 * MIN)
    late = Spaced(hour, lambda n: 2400.0 * n)
    early = Spaced(hour, lambda n: 2400.0 * n, gives_up_early=True)
    assert [ns // MIN for ns in timetable(late)] == [0, 40, 80]
    assert [ns // MIN for ns in timetable(early)] == [0, 40]
    assert late.plan(1, 0, 40 * MIN, is_report=True) is None
    assert [ns // MIN for ns in timetable(Spaced(hour, lambda n: 60.0 * n), most=2)] == [0, 1, 2]


def test_a_way_to_try_again_must_say_when() -> None:
    with pytest.raises(NotImplementedError):
        Retry(Settings()).plan(1, 0, 0, is_report=False)


def test_jitter_parts_what_failed_together() -> None:
    waits = Spaced(Settings(maximal_queue_lifetime=200 * S), lambda n: 100.0 * n)
    variates = [0.25, 1.0]
    retry = Jittered(waits, 0.4, lambda: variates.pop(0))
    assert retry.plan(1, 0, 10 * S, is_report=False) == (120 * S, 120 * S)
    assert retry.plan(1, 0, 10 * S, is_report=False) == (150 * S, 150 * S)
    assert retry.plan(1, 0, 200 * S, is_report=False) is None
    assert not variates


def test_waits_without_memory_have_the_timetable_as_their_mean() -> None:
    waits = Spaced(Settings(maximal_queue_lifetime=200 * S), lambda n: 100.0 * n)
    n = 1000
    variates = [(i + 0.5) / n for i in range(n)]
    retry = Memoryless(waits, iter(variates).__next__)
    planned = [retry.plan(1, 0, 10 * S, is_report=False) for _ in range(n)]
    waits_s = [at[0] / S - 10 for at in planned if at is not None and at[0] == at[1]]
    assert sum(waits_s) / n == pytest.approx(100, rel=0.002)
    assert sum(wait > 100 for wait in waits_s) / n == pytest.approx(0.368, abs=0.001)
    assert retry.plan(1, 0, 200 * S, is_report=False) is None
