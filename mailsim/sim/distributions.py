"""Random quantities: service times and message sizes."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from mailsim.sim.streams import Draws

__all__ = ["LARGEST_SIZE", "Sampler", "mixed", "sampler"]

LARGEST_SIZE = 10**15
"""Octets, 1 PB: the largest message a scenario may describe, and a traffic makes."""

Sampler = Callable[[Draws], int]


def sampler(
    kind: str, params: Mapping[str, float], cdf: Sequence[tuple[int, float]] = ()
) -> Sampler:
    """Return a function that draws a quantity in whole base units (ns or octets), at least 0.

    Parameters
    ----------
    kind : str
        ``constant`` (value), ``exponential`` (mean), ``uniform`` (low, high), ``lognormal``
        (mean, cv: standard deviation over mean), ``weibull`` (mean, shape) or ``cdf``.
    params : mapping of str to float
        In base units.
    cdf : sequence of (int, float)
        For ``cdf``: bounds and the share up to each, both rising, the last share 1.  Between
        two bounds the logarithm is uniform; the first bin starts at half its bound.
    """
    if kind == "constant":
        value = int(params["value"])
        return lambda _: value
    if kind == "exponential":
        mean = params["mean"]
        return lambda draws: round(draws.exponential() * mean)
    if kind == "uniform":
        low, width = params["low"], params["high"] - params["low"]
        return lambda draws: round(low + draws.uniform() * width)
    if kind == "lognormal":
        sigma = math.sqrt(math.log1p(params["cv"] ** 2))
        mu = math.log(params["mean"]) - sigma * sigma / 2
        return lambda draws: round(math.exp(mu + sigma * draws.normal()))
    if kind == "weibull":
        power = 1 / params["shape"]
        scale = params["mean"] / math.gamma(1 + power)
        return lambda draws: round(scale * draws.exponential() ** power)
    if kind == "cdf":
        return _from_cdf(cdf)
    raise ValueError(f"unknown distribution {kind!r}")


def mixed(parts: Sequence[tuple[float, Sampler]]) -> Sampler:
    """Return a function that draws from one of some samplers, each with its share of all draws."""
    bounds = list(accumulate(share for share, _ in parts))
    samplers = [one for _, one in parts]
    last = len(samplers) - 1
    return lambda draws: samplers[
        min(bisect.bisect_right(bounds, draws.uniform() * bounds[last]), last)
    ](draws)


def _from_cdf(cdf: Sequence[tuple[int, float]]) -> Sampler:
    bounds = [cdf[0][0] / 2, *[bound for bound, _ in cdf]]
    shares = [0.0, *[share for _, share in cdf]]
    logs = [math.log(bound) for bound in bounds]

    def draw(draws: Draws) -> int:
        u = draws.uniform()
        i = min(bisect.bisect_right(shares, u), len(shares) - 1)
        width = shares[i] - shares[i - 1]
        part = (u - shares[i - 1]) / width if width else 0.0
        return round(math.exp(logs[i - 1] + part * (logs[i] - logs[i - 1])))

    return draw
