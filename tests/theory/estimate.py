"""Means with their standard errors from independent replications, with control variates.

A. M. Law, "Simulation Modeling and Analysis", 5th edition (2015), chapter 9.4.1 (replications
and deletion of the warm-up) and section 11.4 (control variates).

A control is something observed in the same replications whose expectation is known, such as
the mean of the service times that were drawn.  A replication that happened to draw long ones
also saw long waits: the regression of the estimate on the control tells by how much, and is
taken out.  With m controls Y and n replications of X the estimate is the intercept a of

    X_i = a + b . (Y_i - E Y) + error

and its standard error is the one of that intercept; Student's t has n - m - 1 degrees of
freedom (S. S. Lavenberg and P. D. Welch, "A perspective on the use of control variables to
increase the efficiency of Monte Carlo simulations", Management Science 27 (1981)).

A control whose expectation is not what it is taken for would bias the estimate, and might
bend a wrong one right.  So whoever uses controls has to test their means too, raw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Estimate", "controlled_mean", "known", "mean"]


class Estimate(NamedTuple):
    """A mean and how well it is known.

    Attributes
    ----------
    value : float
    error : float
        Standard error.
    freedom : int
        Degrees of freedom of that error, for Student's t.
    """

    value: float
    error: float
    freedom: int


def mean(values: Sequence[float]) -> Estimate:
    """Return the mean of independent replications."""
    return controlled_mean(values, [], [])


def controlled_mean(
    values: Sequence[float], controls: Sequence[Sequence[float]], expected: Sequence[float]
) -> Estimate:
    """Return the mean of independent replications, less what their controls explain.

    Parameters
    ----------
    values : sequence of float
        One per replication.
    controls : sequence of sequence of float
        Each control with one value per replication.  One that never varies explains nothing
        and is left out.
    expected : sequence of float
        The known expectation of each control.

    Raises
    ------
    ValueError
        If there are too few replications for so many controls.
    """
    x = np.asarray(values, dtype=float)
    columns = [np.asarray(y, dtype=float) - e for y, e in zip(controls, expected, strict=True)]
    columns = [y / np.std(y) for y in columns if np.std(y) > 1e-12]
    design = np.column_stack([np.ones_like(x), *columns])
    freedom = len(x) - design.shape[1]
    if freedom < 1:
        raise ValueError(f"{len(x)} replications are too few for {len(columns)} controls")
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ x
    rest = x - design @ coefficients
    variance = float(rest @ rest) / freedom
    return Estimate(float(coefficients[0]), math.sqrt(variance * float(inverse[0, 0])), freedom)


def known(controls: Mapping[str, Sequence[float]]) -> None:
    """Assert that controls less their expectation have mean 0, as far as they tell.

    What counts as known must be so, else a control could bend a wrong estimate right.
    """
    for name, values in controls.items():
        value, error, _ = mean(values)
        assert abs(value) <= 4 * error + 1e-12, f"control {name}: {value:.3g}, error {error:.3g}"
