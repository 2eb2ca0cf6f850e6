"""How many replications are enough: sequential stopping at a relative precision.

References
----------
A. M. Law, "Simulation Modeling and Analysis", 5th edition (2015), section 9.4.1 (the sequential
procedure, with the half-width corrected for being relative to an estimate).  Y. S. Chow and
H. Robbins, "On the asymptotic theory of fixed-width sequential confidence intervals for the
mean", Ann. Math. Statist. 36 (1965) 457-462.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .intervals import LEVEL, share_interval

__all__ = ["FEWEST", "is_precise", "replications_needed"]

FEWEST = 5
"""Replications before the spread is believed; with fewer, chance stops too soon too often."""


def is_precise(
    values: Sequence[float],
    half_width: float,
    level: float = LEVEL,
    sizes: Sequence[float] = (),
) -> bool:
    """Tell whether the mean of some replications is known as well as asked for.

    Parameters
    ----------
    values : sequence of float
        One per replication.
    half_width : float
        Relative to the mean: 0.05 is plus or minus 5 %.
    level : float
    sizes : sequence of float
        Of a rate: of how many each value is the share.

    Notes
    -----
    The half-width must be at most ``half_width / (1 + half_width)`` of the *estimated* mean, so
    that it is at most ``half_width`` of the true one (Law 2015, section 9.4.1).
    """
    found = share_interval(values, sizes, level)
    if found.n < FEWEST or math.isnan(found.value):
        return False
    return found.relative_half_width <= half_width / (1 + half_width)


def replications_needed(
    values: Sequence[float],
    half_width: float,
    most: int,
    level: float = LEVEL,
    sizes: Sequence[float] = (),
) -> int:
    """Return how many replications there should be, by what those so far say.

    Never fewer than there are.  The half-width shrinks with the root of their number; what that
    predicts is approached in steps of at most a half more, for the spread is an estimate too.

    Parameters
    ----------
    values : sequence of float
        One per replication.
    half_width : float
        Relative to the mean.
    most : int
        Replications at most.
    level : float
    sizes : sequence of float
        Of a rate: of how many each value is the share.
    """
    n = len(values)
    if n >= most or is_precise(values, half_width, level, sizes):
        return n
    found = share_interval(values, sizes, level)
    wanted = math.inf
    if found.n >= 2 and math.isfinite(found.relative_half_width):
        wanted = n * (found.relative_half_width * (1 + half_width) / half_width) ** 2
    step = max(n + math.ceil(n / 2), FEWEST)
    return min(most, max(n + 1, math.ceil(min(wanted, step))))
