"""The estimator, on data whose mean and dependence are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from theory.estimate import controlled_mean, mean


def test_mean_of_four() -> None:
    estimate = mean([1.0, 2.0, 3.0, 6.0])
    # Squares about 3: 4 + 1 + 0 + 9 = 14; variance 14 / 3; of the mean 14 / 12.
    assert estimate == pytest.approx((3.0, math.sqrt(14 / 12), 3))


def test_a_control_that_explains_all() -> None:
    control = [0.9, 1.0, 1.2, 1.3, 0.7]
    estimate = controlled_mean([5 + 2 * (y - 1) for y in control], [control], [1.0])
    assert estimate == pytest.approx((5.0, 0.0, 3), abs=1e-12)


def test_regression_by_hand() -> None:
    """y - Ey = -1, 0, 1 and x = 1, 3, 2: slope 1/2, intercept 2, rest -1/2, 1, -1/2."""
    estimate = controlled_mean([1.0, 3.0, 2.0], [[9.0, 10.0, 11.0]], [10.0])
    assert estimate == pytest.approx((2.0, math.sqrt(1.5 / 3), 1))


def test_a_control_off_its_expectation_moves_the_estimate() -> None:
    """The same, but long draws: the control's mean is 1/2 above what it should be."""
    estimate = controlled_mean([1.0, 3.0, 2.0], [[9.0, 10.0, 11.0]], [9.5])
    assert estimate.value == pytest.approx(2.0 - 0.5 * 0.5)


def test_a_constant_control_is_left_out() -> None:
    values = [1.0, 2.0, 3.0, 6.0]
    assert controlled_mean(values, [[0.1] * 4], [0.1]) == mean(values)


def test_too_few_replications() -> None:
    with pytest.raises(ValueError, match="2 replications are too few for 1 controls"):
        controlled_mean([1.0, 2.0], [[1.0, 3.0]], [2.0])


def test_coverage_and_gain() -> None:
    """x = 10 + 3 y + noise: the error shrinks from sqrt(10) to 1, and the t interval holds 95 %."""
    rng = np.random.default_rng(1)
    hits, errors = 0, []
    for _ in range(2000):
        y = rng.standard_normal(20)
        x = 10 + 3 * y + rng.standard_normal(20)
        estimate = controlled_mean(x.tolist(), [y.tolist()], [0.0])
        errors.append(estimate.error)
        hits += abs(estimate.value - 10) < 2.1009 * estimate.error  # Student, 18 degrees
    assert hits / 2000 == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 2000))
    assert np.mean(errors) * math.sqrt(20) == pytest.approx(1.0, rel=0.05)
