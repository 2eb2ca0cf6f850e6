"""Confidence intervals: of a mean over replications, of a difference, of a quantile.

References
----------
A. M. Law, "Simulation Modeling and Analysis", 5th edition (2015): sections 4.5 (Student's t),
9.4.1 (replications), 10.2 (paired differences).  W. D. Kelton, R. P. Sadowski and N. B. Zupick,
"Simulation with Arena", 6th edition (2015), chapter 6.  H. A. David and H. N. Nagaraja, "Order
Statistics", 3rd edition (2003), section 7.1 (quantiles).  C. J. Clopper and E. S. Pearson, "The use
of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934)
404-413; J. A. Hanley and A. Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA
249 (1983) 1743-1745 (no event in n: the rule of three).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = [
    "LEVEL",
    "Interval",
    "mean_interval",
    "paired_difference",
    "quantile_interval",
    "share_interval",
]

LEVEL = 0.95
"""The level of all intervals unless said otherwise."""

_FEW = 10
"""Events, or cases without one, up to which the spread over replications tells too little."""


class Interval(NamedTuple):
    """An estimate and between which bounds it lies.

    Attributes
    ----------
    value : float
        The estimate; NaN if there was nothing to estimate from.
    low, high : float
        Bounds; infinite if a single value tells nothing of its own spread.
    n : int
        Independent values behind it.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """Half the distance of the bounds."""
        return (self.high - self.low) / 2

    @property
    def relative_half_width(self) -> float:
        """Half-width over the magnitude of the estimate; 0 for a certain 0."""
        if self.half_width == 0:
            return 0.0
        return self.half_width / abs(self.value) if self.value else math.inf


def mean_interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """Return the mean of independent values with its interval by Student's t.

    Parameters
    ----------
    values : sequence of float
        One per replication: a mean, a quantile, whatever the replication measured.  NaN, a
        replication in which there was nothing to measure, is left out.
    level : float
        Share of such intervals that hold the true mean.

    Notes
    -----
    Exact for normal values, and nearly so for averages of many (Law 2015, section 4.5); with
    few replications of something skewed it holds the mean a little too rarely.
    """
    x = np.asarray(values, dtype=float)
    x = x[~np.isnan(x)]
    n = len(x)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    if not np.isfinite(x).all():  # a replication that never finished
        return Interval(math.inf, -math.inf, math.inf, n)
    mean = float(x.mean())
    if n == 1:
        return Interval(mean, -math.inf, math.inf, 1)
    half = _t(n - 1, level) * float(x.std(ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def share_interval(
    shares: Sequence[float], sizes: Sequence[float] = (), level: float = LEVEL
) -> Interval:
    """Return the mean of a share over replications with its interval, also of a rare event.

    Parameters
    ----------
    shares : sequence of float
        One per replication; NaN where there was nothing to take a share of.
    sizes : sequence of float
        Of how many it is a share, one per replication.  Empty if that is not known, or it is no
        share: then this is :func:`mean_interval`.
    level : float

    Notes
    -----
    Where no replication has seen an event its spread over replications is 0, which says nothing;
    with few events Student's t holds the true share much too rarely (one time in four where 0.3
    events are expected).  Below ten events, or ten cases without one, the interval is at
    least that of Clopper and Pearson (1934) for all cases together.  Of none in n it goes up to
    1 - ((1 - level) / 2)^(1/n), about 3.7 / n.  That takes cases as independent of each other.
    """
    found = mean_interval(shares, level)
    if len(sizes) != len(shares) or found.n < 2:
        return found
    n = round(sum(sizes))
    k = round(sum(share * size for share, size in zip(shares, sizes, strict=True) if size))
    if not n or min(k, n - k) >= _FEW:
        return found
    from scipy.special import betaincinv

    rest = (1 - level) / 2
    low = float(betaincinv(k, n - k + 1, rest)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - rest)) if k < n else 1.0
    return found._replace(low=max(0.0, min(low, found.low)), high=min(1.0, max(high, found.high)))


def _t(freedom: int, level: float) -> float:
    from scipy.special import stdtrit  # a tenth of the time that scipy.stats takes to import

    return float(stdtrit(freedom, (1 + level) / 2))


def paired_difference(
    first: Sequence[float], second: Sequence[float], level: float = LEVEL
) -> Interval:
    """Return the mean of ``second - first``, replication by replication, with its interval.

    Parameters
    ----------
    first, second : sequence of float
        Of two points of a sweep; values at one index are of one replication.  With common
        random numbers both have seen the same traffic, so that their difference varies less
        than either does.

    Raises
    ------
    ValueError
        If one has more values.

    Notes
    -----
    Law 2015, section 10.2.1: the paired t interval needs neither equal variances nor
    independence of the two points.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} replications are no pairs")
    with np.errstate(invalid="ignore"):  # between two that never end there is no difference
        return mean_interval(np.subtract(second, first).tolist(), level)


def quantile_interval(values: Sequence[float], q: float, level: float = LEVEL) -> Interval:
    """Return a quantile of independent values with an interval between two of them.

    Parameters
    ----------
    values : sequence of float
        Independent and of one distribution, whatever it is.
    q : float
        From 0 to 1.

    Notes
    -----
    The number of values below the true quantile is binomial, so that order statistics r < s
    hold it with the probability of r to s - 1 (David and Nagaraja 2003, section 7.1); r and s
    are taken so that at most half the rest lies beyond each.  A bound is infinite where even
    the extreme value does not do: the maximum of 10 values is no upper bound of their p95.
    Delays of messages of one run are *not* independent: take the quantile of each replication
    and :func:`mean_interval`.
    """
    x = np.sort(np.asarray(values, dtype=float))
    n = len(x)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    from scipy.special import bdtr

    rest = (1 - level) / 2
    below = bdtr(np.arange(n), n, q)  # P(at most k values lie below the quantile)
    r = int(np.searchsorted(below, rest, side="right"))  # P(fewer than r) <= rest
    s = int(np.searchsorted(below, 1 - rest, side="left")) + 1
    low = float(x[r - 1]) if r >= 1 else -math.inf
    high = float(x[s - 1]) if s <= n else math.inf
    return Interval(float(np.quantile(x, q)), low, high, n)
