"""Intervals hold what they should, as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mailsim.analysis import (
    mean_interval,
    paired_difference,
    quantile_interval,
    share_interval,
)


def coverage(hits: list[bool]) -> tuple[float, float]:
    """Return the share of hits and four standard errors of a share that is 95 %."""
    return float(np.mean(hits)), 4 * math.sqrt(0.95 * 0.05 / len(hits))


def test_by_hand() -> None:
    found = mean_interval([9.0, 10.0, 11.0])
    assert found.value == 10.0
    assert found.half_width == pytest.approx(4.302653 / math.sqrt(3))  # t with 2 degrees
    assert found.relative_half_width == pytest.approx(0.2484, rel=1e-3)


def test_what_tells_little() -> None:
    assert math.isnan(mean_interval([]).value)
    assert mean_interval([5.0]).half_width == math.inf
    assert mean_interval([5.0, 5.0]).half_width == 0
    assert mean_interval([5.0, 5.0]).relative_half_width == 0
    assert mean_interval([-1.0, 1.0]).relative_half_width == math.inf
    assert mean_interval([1.0, math.nan, 3.0])[::3] == (2.0, 2)
    never = mean_interval([1.0, math.inf])
    assert (never.value, never.low) == (math.inf, -math.inf)
    assert math.isnan(quantile_interval([], 0.5).value)


@pytest.mark.parametrize("n", [3, 10, 30])
def test_coverage_of_a_mean(n: int) -> None:
    rng = np.random.default_rng(n)
    found = [mean_interval(row.tolist()) for row in rng.normal(7, 2, (4000, n))]
    share, margin = coverage([one.low <= 7 <= one.high for one in found])
    assert abs(share - 0.95) < margin


def test_a_share_with_few_events() -> None:
    none = share_interval([0.0] * 5, [100.0] * 5)
    assert (none.value, none.low, none.n) == (0.0, 0.0, 5)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 500))
    all_of_them = share_interval([1.0] * 5, [100.0] * 5)
    assert (all_of_them.low, all_of_them.high) == (pytest.approx(0.025 ** (1 / 500)), 1.0)
    # Clopper and Pearson's own limits of 1 in 10; Student's t would begin below 0.
    one = share_interval([0.2, 0.0], [5.0, 5.0], 0.95)
    assert one.low == 0.0
    assert share_interval([0.1, 0.1], [10.0, 0.0]).low == pytest.approx(0.0025286, rel=1e-4)
    assert share_interval([0.1, 0.1], [10.0, 0.0]).high == pytest.approx(0.4450161, rel=1e-6)
    # Many events, sizes that are not known, or one replication: as any other mean.
    many = [0.2, 0.3, 0.25]
    assert share_interval(many, [100.0] * 3) == mean_interval(many)
    assert share_interval([0.0] * 3) == mean_interval([0.0] * 3)
    assert share_interval([0.0], [9.0]).high == math.inf
    gone = share_interval([0.0, math.nan, 0.0], [30.0, 0.0, 30.0])
    assert (gone.n, gone.high) == (2, pytest.approx(1 - 0.025 ** (1 / 60)))


@pytest.mark.parametrize("events", [0.3, 1, 3, 8, 12, 40])
def test_coverage_of_a_share(events: float) -> None:
    """However rare; Student's t alone holds the true share in 26 % where 0.3 are expected."""
    rng, n, size = np.random.default_rng(7), 10, 100
    p = events / (n * size)
    shares = rng.binomial(size, p, (1500, n)) / size
    found = [share_interval(row.tolist(), [size] * n) for row in shares]
    share, margin = coverage([one.low <= p <= one.high for one in found])
    assert share > 0.94 - margin
    if events > 20:
        assert abs(share - 0.95) < margin, "no wider than it must be"


def test_coverage_of_a_paired_difference() -> None:
    """Two systems that share most of their randomness; the second is 0.3 better."""
    rng = np.random.default_rng(5)
    hits, widths, unpaired = [], [], []
    for _ in range(3000):
        common = rng.exponential(5, 10)
        first = common + rng.normal(0, 0.1, 10)
        second = common - 0.3 + rng.normal(0, 0.1, 10)
        found = paired_difference(first.tolist(), second.tolist())
        hits.append(found.low <= -0.3 <= found.high)
        widths.append(found.half_width)
        unpaired.append(mean_interval(first.tolist()).half_width)
    share, margin = coverage(hits)
    assert abs(share - 0.95) < margin
    assert np.mean(widths) < 0.1 * np.mean(unpaired)  # what common random numbers are for


def test_pairs_are_pairs() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        paired_difference([1.0], [1.0, 2.0])


@pytest.mark.parametrize(("q", "n"), [(0.5, 40), (0.95, 200), (0.99, 1000)])
def test_coverage_of_a_quantile(q: float, n: int) -> None:
    """At least as often as said: the levels that order statistics can have are discrete."""
    rng = np.random.default_rng(11)
    true = -math.log(1 - q)  # of the exponential distribution
    found = [quantile_interval(row.tolist(), q) for row in rng.exponential(1, (3000, n))]
    share, margin = coverage([one.low <= true <= one.high for one in found])
    assert 0.95 - margin < share < 0.985


def test_a_quantile_beyond_what_was_seen_has_no_upper_bound() -> None:
    found = quantile_interval(list(range(1, 11)), 0.95)
    assert found.high == math.inf
    assert found.low > 1
    assert quantile_interval([1.0, 2.0], 0.01).low == -math.inf
