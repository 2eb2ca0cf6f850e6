"""Where the start-up of a run ends: MSER-5.

A run that begins empty underestimates what waits.  Leaving out the beginning removes that bias
and costs observations; MSER leaves out as many as give the mean of the rest the least standard
error, over means of five to smooth the series.

References
----------
K. P. White, "An effective truncation heuristic for bias reduction in simulation output",
Simulation 69 (1997) 323-334.  K. P. White, M. J. Cobb and S. C. Spratt, "A comparison of five
steady-state truncation heuristics for simulation", Proc. Winter Simulation Conference (2000)
755-760.  A. M. Law, "Simulation Modeling and Analysis", 5th edition (2015), section 9.5.1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["mser5", "settled_at"]

_BATCH = 5
_FEWEST = 10
"""Batches; of fewer nothing can be said."""


def mser5(values: Sequence[float] | np.ndarray) -> int | None:
    """Return how many observations at the beginning to leave out.

    Parameters
    ----------
    values : sequence of float
        Observations in the order of time.

    Returns
    -------
    int or None
        A multiple of five, 0 if the run has no start-up.  None if no cut can be trusted: there
        are fewer than 50 values, or the least error lies in the second half, as it does while
        the run has not settled (White 1997).

    Examples
    --------
    >>> mser5([100.0] * 20 + [1.0, 2.0] * 100)
    20
    """
    x = np.asarray(values, dtype=float)
    n = len(x) // _BATCH
    if n < _FEWEST:
        return None
    means = x[: n * _BATCH].reshape(n, _BATCH).mean(axis=1)
    # Of the means from d on, for every d at once: their number, sum and sum of squares.
    means = means - means.mean()  # the squares of large numbers would cancel
    left = np.arange(n, 0, -1)
    total = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum((means**2)[::-1])[::-1]
    spread = np.maximum(squares - total**2 / left, 0.0)
    error = spread / left.astype(float) ** 2
    last = n - _FEWEST // 2  # of the very last few the error is small by chance
    cut = int(np.argmin(error[:last]))
    return cut * _BATCH if cut <= n // 2 else None


def settled_at(series: tuple[np.ndarray, np.ndarray]) -> float | None:
    """Return when a run has settled, by the delays of its mail.

    Parameters
    ----------
    series : tuple of two numpy.ndarray
        When mail fell due, ascending, and how long it took, both in seconds.

    Returns
    -------
    float or None
        When the first mail to be kept fell due, 0 if all is; None if no cut can be trusted.
    """
    due_s, delay_s = series
    cut = mser5(delay_s)
    if cut is None:
        return None
    return float(due_s[cut]) if cut else 0.0
