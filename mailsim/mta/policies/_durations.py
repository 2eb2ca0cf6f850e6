"""Random durations of policies: as the scenario writes them, and drawn from a uniform number."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from mailsim.units import parse_duration

__all__ = ["Draw", "duration_of", "normal_quantile"]

Draw = Callable[[float], int]
"""From a number of [0, 1) to nanoseconds."""

_FORM = (
    "a duration, {exponential: {mean}}, {uniform: {low, high}}, {lognormal: {mean, cv}} "
    "or {weibull: {mean, shape}}"
)
_EDGE = 1e-12


def normal_quantile(u: float) -> float:
    """Return what a standard normal variate stays below with probability ``u``; finite at 0."""
    return NormalDist().inv_cdf(min(max(u, _EDGE), 1 - _EDGE))


def duration_of(value: object) -> Draw:
    """Return what draws a duration, by inversion of its distribution.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(value, str):
        fixed = parse_duration(value)
        return lambda _: fixed
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"expected {_FORM}, got {value!r}")
    ((kind, given),) = value.items()
    names = {
        "exponential": {"mean"},
        "uniform": {"low", "high"},
        "lognormal": {"mean", "cv"},
        "weibull": {"mean", "shape"},
    }.get(kind, set())
    if not isinstance(given, dict) or set(given) != names or not names:
        raise ValueError(f"expected {_FORM}, got {value!r}")
    if kind == "exponential":
        mean = parse_duration(given["mean"])
        return lambda u: round(-mean * math.log1p(-u))
    if kind == "uniform":
        low, high = parse_duration(given["low"]), parse_duration(given["high"])
        if low > high:
            raise ValueError(f"expected low not above high, got {value!r}")
        return lambda u: round(low + u * (high - low))
    if kind == "weibull":
        mean, shape = parse_duration(given["mean"]), given["shape"]
        is_number = isinstance(shape, (int, float)) and not isinstance(shape, bool)
        if not is_number or not 0.1 <= shape <= 100:
            raise ValueError(f"shape: expected a number from 0.1 to 100, got {shape!r}")
        scale = mean / math.gamma(1 + 1 / shape)
        return lambda u: round(scale * (-math.log1p(-u)) ** (1 / shape))
    mean, cv = parse_duration(given["mean"]), given["cv"]
    if isinstance(cv, bool) or not isinstance(cv, (int, float)) or not 0 <= cv <= 1000:
        raise ValueError(f"cv: expected a number from 0 to 1000, got {cv!r}")
    sigma = math.sqrt(math.log1p(cv**2))
    return lambda u: round(mean * math.exp(sigma * normal_quantile(u) - sigma * sigma / 2))
