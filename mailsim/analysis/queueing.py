"""What queueing theory says of a station: formulas alone, of rates and times in seconds.

Figures go under the usual names: ``util`` share of a slot's time at work, ``P_wait`` share who
wait, ``P_block`` share who are turned away, ``Wq`` and ``W`` mean wait and mean time there (s, of
those who were let in), ``Lq`` and ``L`` mean number waiting and mean number there.

References
----------
A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges" (1917): M/M/c, and the loss system.  F. Pollaczek (1930) and A. Y. Khinchine
(1932): M/G/1.  L. Takacs, "Introduction to the Theory of Queues" (1962): M/G/inf.  L. Kleinrock,
"Queueing Systems", volume 1 (1975), chapters 3 and 5, and "Time-shared systems: a theoretical
treatment", Journal of the ACM 14 (1967): processor sharing.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Figures", "erlang_b", "erlang_c", "mg1", "mgcc", "mginf", "mmc", "mmck", "shared_link"]

Figures = dict[str, float]
"""Figures of a station by name."""


def erlang_b(slots: int, load: float) -> float:
    """Return the share that a station without a queue turns away: Erlang's B.

    Parameters
    ----------
    slots : int
        At least 0.
    load : float
        Arrival rate times mean service time, in erlang.  The distribution of service times has no
        say (B. A. Sevastyanov 1957).

    Examples
    --------
    >>> round(erlang_b(10, 8.0), 4)
    0.1217
    """
    share = 1.0
    for n in range(1, slots + 1):
        share = load * share / (n + load * share)
    return share


def erlang_c(slots: int, load: float) -> float:
    """Return the share that has to wait where all may: Erlang's C; ``load`` is below ``slots``.

    Examples
    --------
    >>> round(erlang_c(5, 4.0), 4)
    0.5541
    """
    lost = erlang_b(slots, load)
    return lost / (1 - load / slots * (1 - lost))


def _steady(utilisation: float) -> None:
    if not 0 < utilisation < 1:
        raise ValueError(f"no steady state: the load is {utilisation:.3g} of what it can do")


def _queue(
    arrival_per_s: float, service_s: float, slots: int, share: float, wait_s: float
) -> Figures:
    """Return what Little's law makes of a mean wait; ``share`` is of those who wait."""
    return {
        "util": arrival_per_s * service_s / slots,
        "P_wait": share,
        "Wq": wait_s,
        "W": wait_s + service_s,
        "Lq": arrival_per_s * wait_s,
        "L": arrival_per_s * (wait_s + service_s),
    }


def mmc(arrival_per_s: float, service_s: float, slots: int) -> Figures:
    """Return the figures of M/M/c: Poisson arrivals, exponential service, an endless queue.

    Raises
    ------
    ValueError
        If the load leaves no steady state.

    Notes
    -----
    Erlang 1917; Kleinrock 1975, section 3.5.
    """
    _steady(arrival_per_s * service_s / slots)
    share = erlang_c(slots, arrival_per_s * service_s)
    wait_s = share * service_s / (slots - arrival_per_s * service_s)
    return _queue(arrival_per_s, service_s, slots, share, wait_s)


def mmck(arrival_per_s: float, service_s: float, slots: int, room: int) -> Figures:
    """Return the figures of M/M/c/K: who finds ``room`` there, slots and queue, is turned away.

    ``P_wait`` is of all who come.  Any load has a steady state.  Source: Kleinrock 1975, section
    3.6.
    """
    load = arrival_per_s * service_s
    weights = _birth_death(load, room, lambda n: min(n, slots))
    there = sum(n * p for n, p in enumerate(weights))
    waiting = sum((n - slots) * p for n, p in enumerate(weights) if n > slots)
    blocked = weights[room]
    served_per_s = arrival_per_s * (1 - blocked)
    return {
        "util": load * (1 - blocked) / slots,
        "P_block": blocked,
        "P_wait": sum(weights[slots:room]),
        "Wq": waiting / served_per_s,
        "W": there / served_per_s,
        "Lq": waiting,
        "L": there,
    }


def _birth_death(load: float, room: int, rate: Callable[[int], float]) -> list[float]:
    """Return the share of time with 0 to ``room`` there, where ``rate`` is in services."""
    weights, total = [1.0], 1.0
    for n in range(1, room + 1):
        weights.append(weights[-1] * load / rate(n))
        total += weights[-1]
        if total > 1e200:  # a long queue at a high load
            weights = [weight / total for weight in weights]
            total = 1.0
    return [weight / total for weight in weights]


def mgcc(arrival_per_s: float, service_s: float, slots: int) -> Figures:
    """Return the figures of M/G/c/c, Erlang's loss system: nobody waits, some are turned away."""
    load = arrival_per_s * service_s
    blocked = erlang_b(slots, load)
    there = load * (1 - blocked)
    return {"util": there / slots, "P_block": blocked, "W": service_s, "L": there}


def mg1(arrival_per_s: float, service_s: float, cv2: float) -> Figures:
    """Return the figures of M/G/1: one slot, service times of any distribution; M/D/1 for 0.

    Parameters
    ----------
    arrival_per_s, service_s : float
    cv2 : float
        Squared coefficient of variation of service times: variance over squared mean.

    Raises
    ------
    ValueError
        If the load leaves no steady state.

    Notes
    -----
    Pollaczek and Khinchine: the mean wait is rho / (1 - rho) times half of (1 + cv2) service times.
    """
    busy = arrival_per_s * service_s
    _steady(busy)
    wait_s = busy / (1 - busy) * (1 + cv2) / 2 * service_s
    return _queue(arrival_per_s, service_s, 1, busy, wait_s)


def mginf(arrival_per_s: float, service_s: float) -> Figures:
    """Return the figures of M/G/inf: there is always a slot (Takacs 1962)."""
    return {"W": service_s, "L": arrival_per_s * service_s}


def shared_link(
    arrival_per_s: float, mean_bytes: float, link_byte_s: float, own_byte_s: float = 0.0
) -> Figures:
    """Return the figures of a link that those who use it share: processor sharing.

    Parameters
    ----------
    arrival_per_s, mean_bytes : float
        Transfers, and the mean of their sizes; the distribution has no say.
    link_byte_s : float
        What the link carries.
    own_byte_s : float
        What one transfer can take at most; 0 for no limit.

    Returns
    -------
    dict of str to float
        ``util``, ``W``, ``L`` and ``slowdown``: the time a transfer takes, over that alone.

    Raises
    ------
    ValueError
        If the load leaves no steady state.

    Notes
    -----
    Kleinrock 1967; M. Sakata, S. Noguchi and J. Oizumi, "An analysis of the M/G/1 queue under
    round-robin scheduling", Operations Research 19 (1971).  With a limit of its own the number
    there is that of a birth and death process whose rate grows until the link is full (T. Bonald
    and L. Massoulie, "Impact of fairness on Internet performance", SIGMETRICS 2001).
    """
    alone_s = mean_bytes / link_byte_s
    busy = arrival_per_s * alone_s
    _steady(busy)
    fits = int(link_byte_s / own_byte_s + 1e-9) if 0 < own_byte_s < link_byte_s else 0
    weights, load = [1.0], arrival_per_s * mean_bytes / own_byte_s if fits else 0.0
    for n in range(1, fits + 1):
        weights.append(weights[-1] * load / n)
    # From there on each further one has the same factor: a geometric tail.
    tail = weights[-1] * busy / (1 - busy)
    more = sum(n * weight for n, weight in enumerate(weights))
    there = (more + tail * (fits + 1 / (1 - busy))) / (sum(weights) + tail)
    time_s = there / arrival_per_s
    return {"util": busy, "W": time_s, "L": there, "slowdown": time_s / alone_s}
