"""Quotas that grow with good volume and fall with complaints."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsim.mta.reputation import Reputation

DAY = 86_400_000_000_000
A = "192.0.2.25"


def reputation(first: int = 50, full: int = 100_000) -> Reputation:
    return Reputation(first, full, DAY, 2.0, 0.5, 0.001, 0.003)


def day_of(known: Reputation, day: int, complaints: float, most: int = 1_000_000) -> int:
    """Send all that is taken on a day, up to ``most``; return how much that is."""
    n = 0
    while n < most and known.left(A, day * DAY + n) > 0:
        known.took(A, day * DAY + n, complaints)
        n += 1
    return n


def test_good_volume_doubles_the_quota_each_day_up_to_the_full_one() -> None:
    known = reputation(50, 500)
    known.meet(A, 0, is_new=True)
    assert [day_of(known, day, 0.0005) for day in range(6)] == [50, 100, 200, 400, 500, 500]


def test_who_is_not_new_begins_with_the_full_quota() -> None:
    known = reputation(50, 500)
    known.meet(A, 0, is_new=False)
    assert known.quota(A, 0) == 500
    known.meet(A, 1, is_new=True)
    assert known.quota(A, 1) == 500, "it is known"


@pytest.mark.parametrize(
    ("complaints", "then"),
    [(0.0, 200), (0.00099, 200), (0.001, 100), (0.0029, 100), (0.003, 50), (1.0, 50)],
)
def test_what_complaints_make_of_a_quota(complaints: float, then: int) -> None:
    known = reputation(100)
    known.meet(A, 0, is_new=True)
    day_of(known, 0, complaints)
    assert known.quota(A, DAY) == then


def test_little_mail_earns_nothing_but_complaints_about_it_count() -> None:
    known = reputation(100)
    known.meet(A, 0, is_new=True)
    day_of(known, 0, 0.0, most=49)
    assert known.quota(A, DAY) == 100
    day_of(known, 1, 0.0, most=50)
    assert known.quota(A, 2 * DAY) == 200
    assert known.quota(A, 9 * DAY) == 200, "days without mail change nothing"
    day_of(known, 9, 1.0, most=1)
    assert known.quota(A, 10 * DAY) == 100


def test_periods_follow_the_first_message() -> None:
    known = reputation(1)
    known.meet(A, 5, is_new=True)
    known.took(A, 5, 0.0)
    assert known.left(A, DAY + 4) == 0
    assert known.left(A, DAY + 5) == 2
    known.took(A, 3 * DAY + 4, 0.0)
    assert known.left(A, 3 * DAY + 4) == 1
    assert known.left(A, 3 * DAY + 5) == 4


@settings(max_examples=30)
@given(st.lists(st.sampled_from([0.0, 0.002, 0.01]), max_size=40))
def test_a_quota_stays_between_one_and_the_full_one(days: list[float]) -> None:
    known = reputation(3, 40)
    known.meet(A, 0, is_new=True)
    for day, complaints in enumerate(days):
        taken = day_of(known, day, complaints)
        assert 1 <= taken <= 40
        assert taken == known.quota(A, day * DAY)
