"""Token buckets and counting windows: what they admit, and what they never do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsim.mta.bucket import Buckets, Windows

S = 1_000_000_000
RATES = st.sampled_from([0.1, 1.0, 3.0, 20.0, 1e6])
GAPS = st.lists(st.integers(0, 3 * S), max_size=40)
ASKED = st.lists(st.tuples(st.integers(0, 3 * S), st.integers(1, 4)), max_size=40)


def times(gaps: list[int]) -> list[int]:
    at = [0]
    for gap in gaps:
        at.append(at[-1] + gap)
    return at


@settings(max_examples=50)
@given(RATES, st.integers(1, 10), ASKED)
def test_no_time_admits_more_than_burst_and_rate(
    rate: float, burst: int, asked: list[tuple[int, int]]
) -> None:
    buckets = Buckets(rate, burst)
    now, taken = 0, []
    for gap, n in asked:
        now += gap
        if buckets.take("a", now, n):
            taken.append((now, n))
    for i, (start, _) in enumerate(taken):
        total = 0
        for end, n in taken[i:]:
            total += n
            assert total <= burst + (end - start) // buckets.interval_ns


@settings(max_examples=50)
@given(RATES, st.integers(1, 10), ASKED)
def test_tokens_are_conserved(rate: float, burst: int, asked: list[tuple[int, int]]) -> None:
    """What was there, and came, and was taken, is what is left; what overflows is lost.

    The tokens are counted here by whole numbers of nanoseconds, the textbook's way.
    """
    buckets = Buckets(rate, burst)
    interval = buckets.interval_ns
    now, held = 0, burst * interval
    for gap, n in asked:
        now += gap
        held = min(burst * interval, held + gap)
        assert buckets.level("a", now) == held // interval
        assert buckets.has("a", now, n) == (held >= n * interval)
        if buckets.take("a", now, n):
            held -= n * interval
        assert buckets.level("a", now) == held // interval


@settings(max_examples=30)
@given(GAPS)
def test_keys_do_not_meet(gaps: list[int]) -> None:
    alone, together = Buckets(1.0, 3), Buckets(1.0, 3)
    for now in times(gaps):
        together.take("b", now)
        assert together.take("a", now) == alone.take("a", now)


def test_who_keeps_to_the_rate_is_never_refused() -> None:
    buckets = Buckets(20.0, 1)
    assert all(buckets.take("a", i * S // 20) for i in range(100))
    assert not buckets.take("a", 99 * S // 20)


def test_a_group_is_taken_whole_or_not_at_all() -> None:
    buckets = Buckets(1.0, 5)
    assert buckets.take("a", 0, 3)
    assert not buckets.take("a", 0, 3)
    assert buckets.level("a", 0) == 2
    assert not buckets.take("b", 0, 6), "no bucket holds so many"


def test_when_the_next_token_comes() -> None:
    buckets = Buckets(0.5, 2)
    assert buckets.next_ns("a", 7) == 7
    assert buckets.take("a", 0)
    assert buckets.next_ns("a", 0) == 0
    assert buckets.take("a", 0)
    at_ns = buckets.next_ns("a", 0)
    assert at_ns == 2_000_000_000
    assert [buckets.has("a", at_ns - 1), buckets.has("a", at_ns)] == [False, True]


def test_what_is_full_is_forgotten() -> None:
    buckets = Buckets(1.0, 2)
    for i in range(5000):
        assert buckets.take(f"key{i}", i * S)
    assert len(buckets._full_ns) <= 1025
    assert buckets.take("late", 5000 * S, 2)
    for i in range(1100):
        buckets.take(f"new{i}", 5000 * S)
    assert not buckets.take("late", 5000 * S), "what is not full is kept"


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 1), (-1.0, 1), (1.0, 0)])
def test_a_bucket_admits_something(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match=r"a rate above 0 and a burst of 1 or more"):
        Buckets(rate, burst)


def test_a_window_begins_with_the_first_and_is_over_a_period_later() -> None:
    windows = Windows(60 * S)
    assert windows.count("a", 0) == 0
    assert [windows.add("a", at * S) for at in (10, 30, 69)] == [1, 2, 3]
    assert windows.count("a", 69 * S) == 3
    assert windows.count("a", 70 * S) == 0
    assert windows.add("a", 70 * S, 5) == 5
    assert windows.add("b", 70 * S) == 1


@settings(max_examples=30)
@given(GAPS)
def test_a_window_counts_what_came_in_it(gaps: list[int]) -> None:
    windows = Windows(5 * S)
    began, n = None, 0
    for now in times(gaps):
        if began is None or now - began >= 5 * S:
            began, n = now, 0
        n += 1
        assert windows.add("a", now) == n == windows.count("a", now)


def test_windows_that_are_over_are_forgotten() -> None:
    windows = Windows(S)
    for i in range(5000):
        windows.add(f"key{i}", i * S)
    assert len(windows._counts) <= 1025
    for i in range(1100):
        windows.add(f"new{i}", 5000 * S)
    assert windows.add("key4999", 5000 * S) == 1
    assert windows.add("new0", 5000 * S) == 2, "one that is not over is kept"
