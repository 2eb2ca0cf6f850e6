"""Little's law by hand, on tables that keep it and on tables that break it."""

from __future__ import annotations

from typing import Any

import pytest
from synthetic import INFO, attempt, make_tables

from mailsim.analysis import Frames, littles_law, unlawful_queues

HOST = "mx1.example.org"


def session(arrived: float, accepted: float | None, released: float | None) -> dict[str, Any]:
    return {
        "server": HOST,
        "port": 25,
        "arrived_at_s": arrived,
        "accepted_at_s": accepted,
        "released_at_s": released,
    }


def depths(queue: str, *changes: tuple[float, int]) -> list[dict[str, Any]]:
    return [{"at_s": at, "host": HOST, "queue": queue, "depth": n} for at, n in changes]


SESSIONS = [session(10, 10, 30), session(20, 30, 50), session(90, None, None)]
BUSY = depths("busy:25", (10.0, 1), (50.0, 0))
BACKLOG = depths("backlog:25", (20.0, 1), (30.0, 0))


def law(**rows: Any) -> dict[str, Any]:
    table = littles_law(Frames(make_tables(**rows), INFO))
    return {row.queue: row for row in table.itertuples(index=False)}


def test_backlog_and_busy_slots() -> None:
    found = law(sessions=SESSIONS, queues=[*BUSY, *BACKLOG])
    busy, backlog = found["busy:25"], found["backlog:25"]
    assert (busy.arrivals, busy.mean_wait_s, busy.mean_depth) == (2, 20.0, 0.4)
    assert (backlog.arrivals, backlog.mean_wait_s, backlog.mean_depth) == (2, 5.0, 0.1)
    assert busy.arrival_per_s == 0.02
    assert busy.relative_error == pytest.approx(0)
    assert backlog.relative_error == pytest.approx(0)


def test_a_lost_stay_shows() -> None:
    found = law(sessions=SESSIONS[:1], queues=BUSY)
    assert found["busy:25"].relative_error == pytest.approx(0.5)
    found = law(sessions=[], queues=BUSY)
    assert found["busy:25"].relative_error == pytest.approx(1.0)


def test_a_stay_that_no_queue_knows_of_shows() -> None:
    found = law(sessions=SESSIONS, queues=depths("busy:25", (10.0, 0)))
    assert found["busy:25"].relative_error == -float("inf")


def test_a_queue_that_was_never_filled_has_no_error() -> None:
    found = law(sessions=[session(10, 10, 10)], queues=depths("backlog:25", (10.0, 0)))
    assert found["backlog:25"].relative_error == 0.0


def test_active_and_deferred() -> None:
    """Message 1: active 10 to 12 and 40 to 41, between them deferred; 2: active 20 to 25."""
    rows = [
        attempt(1, 12.0, "deferred", delay_s=2.0, b_s=0.5, c_s=0.5, d_s=1.0),
        attempt(1, 41.0, "sent", delay_s=31.0, c_s=0.25, d_s=0.75),
        attempt(2, 22.0, "sent", delay_s=2.0, d_s=2.0),
        attempt(2, 25.0, "deferred", delay_s=5.0, b_s=2.0, d_s=3.0, recipient="other@example.net"),
    ]
    queues = [
        *depths("active", (10.0, 1), (12.0, 0), (20.0, 1), (25.0, 0), (40.0, 1), (41.0, 0)),
        *depths("deferred", (12.0, 1), (25.0, 2), (40.0, 1)),
    ]
    found = law(attempts=rows, queues=queues)
    assert found["active"].arrivals == 3
    assert found["active"].mean_depth == pytest.approx(0.08)
    assert found["active"].relative_error == pytest.approx(0)
    # What is still deferred at the end has waited until the end: 28 s and 75 s.
    assert found["deferred"].arrivals == 2
    assert found["deferred"].mean_wait_s == pytest.approx((28 + 75) / 2)
    assert found["deferred"].relative_error == pytest.approx(0)


def test_one_host_only() -> None:
    queues = [*BUSY, {"at_s": 1.0, "host": "other", "queue": "busy:25", "depth": 1}]
    frames = Frames(make_tables(sessions=SESSIONS, queues=queues), INFO)
    assert set(littles_law(frames, host=HOST)["host"]) == {HOST}
    assert set(littles_law(frames)["host"]) == {HOST, "other"}


def unlawful(**rows: Any) -> list[str]:
    frames = Frames(make_tables(**rows), INFO)
    return unlawful_queues(frames)["queue"].tolist()


def test_lawful_queues_are_not_told_of() -> None:
    assert unlawful(sessions=SESSIONS, queues=[*BUSY, *BACKLOG]) == []
    assert unlawful() == []


def test_a_stay_that_is_open_at_the_end_may_have_taken_any_time() -> None:
    late = depths("backlog:25", (20.0, 1), (30.0, 0), (90.0, 1))
    assert unlawful(sessions=SESSIONS, queues=[*BUSY, *late]) == []
    assert unlawful(sessions=SESSIONS[:2], queues=[*BUSY, *late]) == []
    assert unlawful(sessions=SESSIONS[:1], queues=late) == ["backlog:25"]  # not since 20


def test_a_stay_that_is_lost_or_doubled_is_told_of() -> None:
    assert unlawful(sessions=SESSIONS[:1], queues=BUSY) == ["busy:25"]
    assert unlawful(sessions=[*SESSIONS, SESSIONS[0]], queues=BUSY) == ["busy:25"]


def crash(at: float, host: str = HOST) -> list[dict[str, Any]]:
    return [{"began_at_s": at, "ended_at_s": at + 1, "fault": "host_down", "target": host}]


def test_a_stay_that_a_crash_ended_may_not_be_on_record_yet() -> None:
    busy = depths("busy:25", (10.0, 1), (30.0, 0), (60.0, 1))
    assert unlawful(sessions=[], queues=busy) == ["busy:25"]
    assert unlawful(sessions=[], queues=busy, faults=crash(30)) == []
    assert unlawful(sessions=[], queues=busy, faults=crash(40)) == ["busy:25"]
    assert unlawful(sessions=[], queues=busy, faults=crash(30, "other")) == ["busy:25"]


def test_what_a_relay_was_doing_when_it_crashed_is_not_held_against_it() -> None:
    active = depths("active", (10.0, 1), (30.0, 0))
    assert unlawful(attempts=[], queues=active) == ["active"]
    assert unlawful(attempts=[], queues=active, faults=crash(20)) == []


def test_the_window_cuts_both_sides_of_the_law() -> None:
    frames = Frames(
        make_tables(sessions=SESSIONS, queues=BUSY), {**INFO, "warmup_s": 15.0, "simulated_s": 45.0}
    )
    assert unlawful_queues(frames).empty
