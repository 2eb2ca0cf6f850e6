"""A waiting line before worker slots: what its measurement has to know."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from operator import mul
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["HOST", "Station"]

HOST = "mx.example.org"


class Station(NamedTuple):
    """What a replication has to know.

    Attributes
    ----------
    path : Path
        The scenario.
    sets : tuple of str
        Overrides.
    arrival_per_s, service_s, service_s2 : float
        The arrival rate, and first and second moment of service time (s, s^2).
    slots : int
    levels_s : mapping of str to float
        Where each quantile is, about, by figure; controls are of what is above.
    most : int
        So many may be there; 0 for any number.
    arrivals : str
        ``poisson``, ``constant``, ``campaigns``, ``closed``, or what has no controls of its own.
    is_heavy : bool
        Whether a very long service once in a while decides the second moment of the wait.
    host : str
    think_s : float
        Where ``most`` people wait for what became of their mail: how long they think then.
    """

    path: Path
    sets: tuple[str, ...]
    arrival_per_s: float
    service_s: float
    service_s2: float
    slots: int
    levels_s: Mapping[str, float]
    most: int = 0
    arrivals: str = "poisson"
    is_heavy: bool = False
    host: str = HOST
    think_s: float = 0.0

    def wait_s(self, figure: str, level_s: float) -> float:
        """Return the wait about which a quantile is, whether it is of waits or of times there."""
        return level_s if figure.startswith("Wq") else max(level_s - self.service_s, 0.0)

    @property
    def tilt_per_s(self) -> float:
        """How fast the tail of the work falls, about: a diffusion's, but less than service's."""
        idle = 1 - self.arrival_per_s * self.service_s / self.slots
        return min(2 * idle / (self.arrival_per_s * self.service_s2), 0.7 / self.service_s)

    @property
    def clears_s(self) -> float:
        """After how long who has come is gone."""
        idle = 1 - self.arrival_per_s * self.service_s / self.slots
        if self.most:
            return (10 + 3 * (self.most - self.slots) / self.slots) * self.service_s
        return 10 * (self.service_s + self.service_s / self.slots / idle)

    @property
    def idles_per_s(self) -> float:
        """How often all slots are idle: Erlang's formulas, with service about exponential."""
        load = self.arrival_per_s * self.service_s
        if self.think_s:
            return (1 - load) * self.most / self.think_s
        rooms = (min(n, self.slots) for n in range(1, (self.most or 1000) + 1))
        ratios = accumulate((load / room for room in rooms), mul, initial=1.0)
        return self.arrival_per_s / sum(ratios)

    @property
    def is_constant(self) -> bool:
        """Whether service is."""
        return bool(np.isclose(self.service_s2, self.service_s**2))

    @property
    def is_exponential(self) -> bool:
        """Whether service is, by its moments."""
        return bool(np.isclose(self.service_s2, 2 * self.service_s**2))
