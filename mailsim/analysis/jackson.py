"""Networks of queues: at which rate each station is come to.

J. R. Jackson, "Networks of waiting lines", Operations Research 5 (1957): where all that comes from
outside is Poisson, all service exponential, and who leaves a station goes on at random, each
station is as if it stood alone with Poisson arrivals at the rate that the traffic equations give.
What leaves M/M/c is Poisson itself: P. J. Burke, "The output of a queuing system", Operations
Research 4 (1956).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

__all__ = ["arrival_rates"]


def arrival_rates(
    outside_per_s: Mapping[str, float], shares: Mapping[tuple[str, str], float]
) -> dict[str, float]:
    """Return the arrival rate of each station: the traffic equations' solution.

    Parameters
    ----------
    outside_per_s : mapping of str to float
        What comes from outside, by station; has all stations.
    shares : mapping of (str, str) to float
        How many go on to the second for each that leaves the first.

    Raises
    ------
    ValueError
        If all that comes goes round for ever.

    Examples
    --------
    >>> rates = arrival_rates({"a": 4.0, "b": 1.0}, {("a", "b"): 0.5, ("b", "a"): 0.2})
    >>> {name: round(rate, 3) for name, rate in rates.items()}
    {'a': 4.667, 'b': 3.333}
    """
    names = list(outside_per_s)
    place = {name: i for i, name in enumerate(names)}
    matrix = np.eye(len(names))
    for (source, target), share in shares.items():
        matrix[place[target], place[source]] -= share
    try:
        found = np.linalg.solve(matrix, np.array([outside_per_s[name] for name in names]))
    except np.linalg.LinAlgError:
        raise ValueError("what comes never leaves") from None
    return dict(zip(names, found.tolist(), strict=True))
