"""Controls for waiting lines: what has a known expectation, whatever the line does.

A power of the work that somebody finds, or its exponential, less its expectation for the next one
given what this one has left: 0 in steady state.  Or the same of what is left, given what was found.
A gap or a service time that has not been looked at decides each (as for the controls of
`replication`: Henderson and Glynn 2002).

Before several slots, with exponential service, the number that is there is a Markov chain: what a
function of it gains, less its drift, has mean 0.
"""

from __future__ import annotations

import numpy as np

__all__ = ["chain_drift", "gap_drift", "gap_tilt", "service_tilt", "tilted"]


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
    short_s = np.maximum(level_s - found_s, 0.0)
    beyond = np.exp(-short_s / mean_s)
    before = (np.exp(-tilt_per_s * short_s) - beyond) / (1 - tilt_per_s * mean_s)
    above_s = np.maximum(found_s - level_s, 0.0)
    expected = before + beyond * (1 + tilt_per_s * (above_s + mean_s))
    return tilted(left_s, level_s, tilt_per_s) - expected


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
    rates_per_s: tuple[float, float, int],
) -> float:
    """Return what a function of the number there has gained per second, less its expected drift.

    Parameters
    ----------
    values : numpy.ndarray
        The function: its value for 0, 1, 2... there.
    number, lasts_s : numpy.ndarray
        How many are there in turn, and for how long.
    rates_per_s : tuple of float, float and int
        Of arrivals, of the service of one, and how many are served at a time (exponential).
    """
    arrive_per_s, serve_per_s, slots = rates_per_s
    steps = np.diff(values)
    up, down = steps[number], np.concatenate(([0.0], steps))[number]
    drift_per_s = arrive_per_s * up - serve_per_s * np.minimum(number, slots) * down
    gained = values[number[-1]] - values[number[0]]
    return float((gained - drift_per_s @ lasts_s) / lasts_s.sum())
