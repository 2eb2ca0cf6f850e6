"""The mean of one long run with its interval: non-overlapping batch means.

Messages that follow each other are alike, so that the spread of single delays says too little
about their mean.  Means of long batches are nearly independent; Student's t over them gives the
interval.  Whether the batches are long enough shows in the correlation of neighbours.

References
----------
B. Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research 30
(1982) 556-568: more than 30 batches gain little.  A. M. Law, "Simulation Modeling and Analysis",
5th edition (2015), section 9.5.3.  J. von Neumann, "Distribution of the ratio of the mean square
successive difference to the variance", Ann. Math. Statist. 12 (1941) 367-395.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .intervals import LEVEL, Interval, mean_interval

__all__ = ["BatchMeans", "batch_means", "of_batches"]

_BATCHES = 20


class BatchMeans(NamedTuple):
    """An estimate from one run.

    Attributes
    ----------
    interval : Interval
    correlation : float
        Of neighbouring batches.
    is_independent : bool
        Whether that is no more than chance would make it, at 5 % one-sided; if not, the
        interval is too narrow and the run too short.
    """

    interval: Interval
    correlation: float
    is_independent: bool


def batch_means(
    values: Sequence[float] | np.ndarray,
    n_batches: int = _BATCHES,
    of: Callable[[np.ndarray], float] = np.mean,
    level: float = LEVEL,
) -> BatchMeans:
    """Return the mean, or something else, of one run with its interval.

    Parameters
    ----------
    values : sequence of float
        Observations in the order of time, the warm-up cut off.  Those that do not fill a
        batch are left out, at the beginning.
    n_batches : int
        At least 2.
    of : callable
        What is taken of each batch: its mean, or a quantile.
    level : float

    Raises
    ------
    ValueError
        If there are fewer than two values for each batch.
    """
    x = np.asarray(values, dtype=float)
    size = len(x) // n_batches
    if n_batches < 2 or size < 2:
        raise ValueError(f"{len(x)} values are too few for {n_batches} batches")
    batches = x[len(x) - size * n_batches :].reshape(n_batches, size)
    return of_batches([float(of(batch)) for batch in batches], level)


def of_batches(values: Sequence[float], level: float = LEVEL) -> BatchMeans:
    """Return the estimate that the values of successive batches give.

    Parameters
    ----------
    values : sequence of float
        One per batch, in the order of time; NaN where a batch had nothing to measure.
    level : float

    Raises
    ------
    ValueError
        If there are fewer than two.
    """
    means = np.asarray(values, dtype=float)
    means = means[~np.isnan(means)]
    n_batches = len(means)
    if n_batches < 2:
        of = f"{n_batches} of {len(values)}"
        raise ValueError(f"expected something to measure in 2 batches or more, got it in {of}")
    around = means - means.mean()
    square = float(around @ around)
    if square == 0:
        return BatchMeans(mean_interval(means.tolist(), level), 0.0, is_independent=True)
    # von Neumann's ratio, whose mean for independent values is 2; its correlation is free of the
    # ends' effect.
    correlation = 1 - float(np.sum(np.diff(means) ** 2)) / (2 * square)
    limit = 1.645 * math.sqrt((n_batches - 2) / (n_batches**2 - 1))
    return BatchMeans(
        mean_interval(means.tolist(), level), correlation, is_independent=correlation < limit
    )
