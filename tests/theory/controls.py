"""Controls for waiting lines: what has a known expectation, whatever the line does.

A power of the work that somebody finds, or its exponential, less its expectation for the next one
given what this one has left: 0 in steady state.  Or the same of what is left, given what was found.
A gap or a service time that has not been looked at decides each (as for the controls of
`replication`: Henderson and Glynn 2002).

Before several slots, with exponential service, the number that is there is a Markov chain: what a
function of it gains, less its drift, has mean 0.
"""

from __future__ import annotations

from math import comb, factorial, perm

import numpy as np
from scipy.special import gammainc

__all__ = [
    "chain_drift",
    "erlang_drift",
    "gap_drift",
    "gap_tilt",
    "next_tilt",
    "service_drift",
    "service_tilt",
    "tilted",
]


def gap_drift(
    found_s: np.ndarray, left_s: np.ndarray, level_s: float, power: int, rate_per_s: float
) -> np.ndarray:
    """Return a power of what is found above a level, less its expectation for the next one.

    Of what is left the next one finds what an exponential gap has not worn away::

        E[(left - gap)+ ^ k] = left^k - k / rate E[(left - gap)+ ^ (k - 1)]

    Parameters
    ----------
    found_s, left_s : numpy.ndarray
        The work (s) before and after each one's service is added.
    level_s : float
    power : int
    rate_per_s : float
        Of the Poisson arrivals.
    """
    left_s, found_s = np.maximum(left_s - level_s, 0.0), np.maximum(found_s - level_s, 0.0)
    expected = -np.expm1(-rate_per_s * left_s)
    for k in range(1, power + 1):
        expected = left_s**k - k / rate_per_s * expected
    return found_s**power - expected


def erlang_drift(
    wait_s: np.ndarray, service_s: float, power: int, rate_per_s: float, slots: int
) -> np.ndarray:
    """Return a power of the wait before slots with constant service, less its expectation.

    Each slot serves every so-manieth client: what one leaves behind, that one finds who comes so
    many gaps later, of which the sum has Erlang's distribution::

        E[(left - gaps)+ ^ k] = sum over j of (k over j) left^(k - j) (-1)^j E[gaps^j; gaps < left]

    Parameters
    ----------
    wait_s : numpy.ndarray
        Of all who come, in turn.
    service_s : float
    power : int
    rate_per_s : float
        Of the Poisson arrivals.
    slots : int
    """
    left_s = wait_s[:-slots] + service_s
    expected = np.zeros_like(left_s)
    for j in range(power + 1):
        moment = perm(slots + j - 1, j) / rate_per_s**j * gammainc(slots + j, rate_per_s * left_s)
        expected += comb(power, j) * (-1) ** j * left_s ** (power - j) * moment
    return wait_s[slots:] ** power - expected  # type: ignore[no-any-return]


def service_drift(wait_s: np.ndarray, power: int, gap_s: float, mean_s: float) -> np.ndarray:
    """Return a power of the wait of who comes next, less its expectation.

    Service is exponential, and whoever comes next does so after a constant gap::

        E[(wait + service - gap)+ ^ k] = sum over j of (k over j) (wait - gap)^(k - j) j! mean^j

    or, if all is gone before that gap is over, ``exp((wait - gap) / mean) k! mean^k``.

    Parameters
    ----------
    wait_s : numpy.ndarray
        Of all who come, in turn.
    power : int
    gap_s, mean_s : float
        Between arrivals, and of service.
    """
    more_s = wait_s[:-1] - gap_s
    expected = sum(
        comb(power, j) * more_s ** (power - j) * factorial(j) * mean_s**j for j in range(power + 1)
    )
    early = np.exp(np.minimum(more_s, 0.0) / mean_s) * factorial(power) * mean_s**power
    return wait_s[1:] ** power - np.where(more_s < 0, early, expected)  # type: ignore[no-any-return]


def gap_tilt(
    found_s: np.ndarray, left_s: np.ndarray, level_s: float, tilt_per_s: float, rate_per_s: float
) -> np.ndarray:
    """Return the `tilted` of what is found, less its expectation for the next one.

    Parameters
    ----------
    found_s, left_s : numpy.ndarray
        The work (s) before and after each one's service is added.
    level_s, tilt_per_s : float
    rate_per_s : float
        Of the Poisson arrivals.
    """
    below_s, above_s = np.minimum(left_s, level_s), np.maximum(left_s - level_s, 0.0)
    stay = np.exp(-rate_per_s * above_s)  # the gap is no longer than that, so all is above
    up = tilted(below_s, level_s, tilt_per_s)
    idle = np.exp(-rate_per_s * below_s)
    at_zero = np.exp(-tilt_per_s * level_s)
    share = rate_per_s / (rate_per_s + tilt_per_s)
    expected = share * (up - at_zero * idle) + at_zero * idle
    straight = (1 - stay) + tilt_per_s * (above_s - (1 - stay) / rate_per_s)
    return tilted(found_s, level_s, tilt_per_s) - (straight + stay * expected)


def service_tilt(
    found_s: np.ndarray, left_s: np.ndarray, level_s: float, tilt_per_s: float, mean_s: float
) -> np.ndarray:
    """Return the `tilted` of what is left, less its expectation given what was found.

    Service is exponential: who has gone beyond the level has all of it yet to come.

    Parameters
    ----------
    found_s, left_s : numpy.ndarray
        The work (s) before and after each one's service is added.
    level_s, tilt_per_s : float
    mean_s : float
        Of service.
    """
    expected = _after_service(found_s, level_s, tilt_per_s, mean_s)
    return tilted(left_s, level_s, tilt_per_s) - expected


def next_tilt(
    wait_s: np.ndarray, level_s: float, tilt_per_s: float, gap_s: float, mean_s: float
) -> np.ndarray:
    """Return the `tilted` of the wait of who comes next, less its expectation.

    As for `service_drift`: of what is not over when the next one comes, exponential service does
    not know how long it has lasted.

    Parameters
    ----------
    wait_s : numpy.ndarray
        Of all who come, in turn.
    level_s, tilt_per_s, gap_s, mean_s : float
    """
    more_s = wait_s[:-1] - gap_s
    late = np.exp(np.minimum(more_s, 0.0) / mean_s)  # how likely it is not over
    idle = np.exp(-tilt_per_s * level_s)
    after = _after_service(np.maximum(more_s, 0.0), level_s, tilt_per_s, mean_s)
    return tilted(wait_s[1:], level_s, tilt_per_s) - (late * after + (1 - late) * idle)


def _after_service(
    found_s: np.ndarray, level_s: float, tilt_per_s: float, mean_s: float
) -> np.ndarray:
    """Return the expected `tilted` of what was found and exponential service."""
    short_s = np.maximum(level_s - found_s, 0.0)
    beyond = np.exp(-short_s / mean_s)
    before = (np.exp(-tilt_per_s * short_s) - beyond) / (1 - tilt_per_s * mean_s)
    above_s = np.maximum(found_s - level_s, 0.0)
    return before + beyond * (1 + tilt_per_s * (above_s + mean_s))  # type: ignore[no-any-return]


def tilted(work_s: np.ndarray, level_s: float, tilt_per_s: float) -> np.ndarray:
    """Return about how likely the work is to rise above a level, and how much it is above then.

    Up to the level it is an exponential, from there on the straight line that touches it.
    """
    above_s = np.maximum(work_s - level_s, 0.0)
    return np.exp(tilt_per_s * (np.minimum(work_s, level_s) - level_s)) + tilt_per_s * above_s


def chain_drift(
    values: np.ndarray,
    number: np.ndarray,
    lasts_s: np.ndarray,
    rates_per_s: tuple[float | np.ndarray, float, int, int],
) -> float:
    """Return what a function of the number there has gained per second, less its expected drift.

    Parameters
    ----------
    values : numpy.ndarray
        The function: its value for 0, 1, 2... there.
    number, lasts_s : numpy.ndarray
        How many are there in turn, and for how long.
    rates_per_s : tuple of float or numpy.ndarray, float, int and int
        Of arrivals (perhaps for 0, 1, 2... there), of the service of one, how many are served at a
        time (exponential), and how many may be there (0: any number).
    """
    arrive_per_s, serve_per_s, slots, most = rates_per_s
    steps = np.diff(values)
    if most:
        steps = np.append(steps[:most], 0.0)  # who finds it full is not let in
    up, down = steps[number], np.concatenate(([0.0], steps))[number]
    if isinstance(arrive_per_s, np.ndarray):
        arrive_per_s = arrive_per_s[number]
    drift_per_s = arrive_per_s * up - serve_per_s * np.minimum(number, slots) * down
    gained = values[number[-1]] - values[number[0]]
    return float((gained - drift_per_s @ lasts_s) / lasts_s.sum())
