"""What workloads that draw durations share."""

from __future__ import annotations

from mailsim.mta.policies._durations import Draw

__all__ = ["mean_ns", "positive"]

_N = 2000


def mean_ns(draw: Draw) -> float:
    """Return about the mean of a duration that is drawn from a uniform variate (ns)."""
    return sum(draw((i + 0.5) / _N) for i in range(_N)) / _N


def positive(name: str, draw: Draw, given: object) -> Draw:
    """Return a duration whose mean is above 0, as time must go on.

    Raises
    ------
    ValueError
        If it is not.
    """
    if mean_ns(draw) < 1:
        raise ValueError(f"{name}: expected a duration above 0s, got {given!r}")
    return draw
