"""Which exchangers, in which order: properties that hold for any records."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from mailsim.dns import order_mx, without_own

records = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([f"mx{i}.example" for i in range(8)])),
    unique_by=lambda record: record[1],
    min_size=1,
)


@given(records, st.integers(0, 2**32))
def test_the_order_respects_preference_and_loses_nothing(
    given_records: list[tuple[int, str]], seed: int
) -> None:
    ordered = order_mx(given_records, np.random.default_rng(seed).random)
    assert [preference for preference, _ in ordered] == sorted(p for p, _ in given_records)
    assert sorted(ordered) == sorted(given_records)


@given(records, st.sampled_from([f"mx{i}.example" for i in range(8)]))
def test_nobody_is_left_who_is_not_preferred_to_ourselves(
    given_records: list[tuple[int, str]], own: str
) -> None:
    left = without_own(given_records, own)
    ours = [preference for preference, target in given_records if target == own]
    assert own not in [target for _, target in left]
    if ours:
        assert left == [record for record in given_records if record[0] < ours[0]]
    else:
        assert left == given_records


def test_equal_preference_means_each_order_is_as_likely() -> None:
    """Of 6 orders of three equals, each comes in a sixth of 6000 cases: chi-square, 1 in 1000."""
    names = ["mx1.example", "mx2.example", "mx3.example"]
    equal = [(10, name) for name in names]
    random = np.random.default_rng(20261126).random
    orders = Counter(
        tuple(name for _, name in order_mx([(5, "first"), *equal, (20, "last")], random))
        for _ in range(6000)
    )
    expected = {("first", *order, "last") for order in permutations(names)}
    assert set(orders) == expected
    assert chisquare(list(orders.values())).pvalue > 0.001
