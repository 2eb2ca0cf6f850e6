"""Intervals hold what they should, as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mailsim.analysis import mean_interval, paired_difference, quantile_interval


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
