"""What a token bucket turns away that Poisson arrivals come to.

It is a queue in disguise: a message is let through if the bucket has a token, so if at most
``burst - 1`` of those let through before it are still to be paid for, at a token every 1 / rate.
That is M/D/1 with room for ``burst`` in all; J. S. Turner, "New directions in communications", IEEE
Communications Magazine 24 (1986), ITU-T I.371 annex A.
"""

from __future__ import annotations

import numpy as np

__all__ = ["token_policer"]


def token_policer(arrival_per_s: float, rate_per_s: float, burst: int) -> dict[str, float]:
    """Return what becomes of Poisson arrivals at a bucket that refuses whom it has no token for.

    Parameters
    ----------
    arrival_per_s : float
    rate_per_s : float
        Tokens a second.
    burst : int
        Tokens that it holds, at least 1.

    Returns
    -------
    dict of str to float
        ``P_block``, the share refused, and ``through``, messages a second that pass.

    Notes
    -----
    The chain of who is left behind at each departure of M/D/1/K, solved by what crosses a level
    upwards and downwards, so that nothing is subtracted; then P_block = 1 - 1 / (q0 + load):
    D. Gross and C. M. Harris, "Fundamentals of Queueing Theory", section 5.1.8.
    """
    from scipy.special import pdtrc

    load = arrival_per_s / rate_per_s
    at_least = pdtrc(np.arange(burst + 1) - 1.0, load)  # P(k or more come in a service time)
    at_least[0] = 1.0
    left = np.zeros(burst)
    left[0] = 1.0
    for k in range(1, burst):
        up = left[0] * at_least[k] + float(left[1:k] @ at_least[k:1:-1])
        left[k] = up / np.exp(-load)
        if left[k] > 1e200:
            left /= left[k]
    blocked = 1 - 1 / (left[0] / left.sum() + load)
    return {"P_block": blocked, "through": arrival_per_s * (1 - blocked)}
