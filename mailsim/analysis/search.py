"""The smallest value of a knob that meets an expectation, by a search that respects the noise.

The knob has the positions 0 to n; whoever asks for the largest value turns them round.  That what
is expected fails up to some position and holds from it on is an assumption: a few positions over
the whole range are tried first, which finds a range where nothing holds and much of what is not
monotone; then the gap between the last that is not known to hold and the first that is, is halved.

At each position replications are added until the interval decides or there are ``most`` of them,
so that most are spent near the boundary.  As an interval is looked at each time some are added,
the error allowed is shared out among the looks (Bonferroni): a position is misjudged with at most
the probability of a single look at the usual level.

References
----------
A. M. Law, "Simulation Modeling and Analysis", 5th edition (2015), section 9.4.1 (sequential
procedures), 9.7 (Bonferroni).  R. Waeber, P. I. Frazier and S. G. Henderson, "Bisection search
with noisy responses", SIAM J. Control Optim. 51 (2013) 2261-2279.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .expectations import Expectation, Judgement, Verdict
from .intervals import LEVEL

__all__ = ["Outcome", "Search"]

_FIRST_TRIED = 5


class Outcome(NamedTuple):
    """What a search has come to.

    Attributes
    ----------
    position : int or None
        The smallest that is known to do; None if there is none.
    contradiction : tuple of int
        A position that does and a higher one that does not, if there are such.
    undecided : tuple of int
        The positions that most replications have not decided.
    """

    position: int | None
    contradiction: tuple[int, int] | tuple[()]
    undecided: tuple[int, ...]


class Search:
    """One search, which says what to measure and is told what came.

    Parameters
    ----------
    n : int
        The last position, at least 1.
    expectation : Expectation
    first : int
        Replications of each position to begin with; a single one is believed.
    most : int
        Replications of a position at most.
    """

    def __init__(self, n: int, expectation: Expectation, first: int, most: int) -> None:
        self._n = n
        self._expectation = expectation
        self._counts = [first]
        while self._counts[-1] < most:
            self._counts.append(min(most, math.ceil(1.5 * self._counts[-1])))
        self._level = 1 - (1 - LEVEL) / len(self._counts)
        self._values: dict[int, dict[int, float]] = {}
        self._sizes: dict[int, dict[int, float]] = {}
        self._ready: deque[tuple[int, int]] = deque()
        self._awaited: set[tuple[int, int]] = set()
        self._steps = self._search()
        self._go_on()

    def next(self) -> tuple[int, int] | None:
        """Return the next position and replication to measure; None if there is none for now."""
        return self._ready.popleft() if self._ready else None

    def put(self, position: int, replication: int, value: float, size: float | None = None) -> None:
        """Take what was measured; ``size`` is of how many a rate is the share."""
        if size is not None:
            self._sizes.setdefault(position, {})[replication] = size
        self._values.setdefault(position, {})[replication] = value
        self._awaited.discard((position, replication))
        if not self._awaited:
            self._go_on()

    @property
    def n_wanted(self) -> int:
        """Measurements that have been asked for so far."""
        return sum(map(len, self._values.values())) + len(self._awaited)

    def judgements(self) -> dict[int, Judgement]:
        """Return how each position fares that was tried, in their order."""
        return {at: self._judge(at) for at in sorted(self._values)}

    def outcome(self) -> Outcome:
        """Return what is known so far."""
        found = {at: one.verdict for at, one in self.judgements().items()}
        met = [at for at, verdict in found.items() if verdict == Verdict.MET]
        missed = [at for at, verdict in found.items() if verdict == Verdict.MISSED]
        undecided = tuple(at for at, verdict in found.items() if verdict == Verdict.UNDECIDED)
        if met and missed and met[0] < missed[-1]:
            return Outcome(None, (met[0], missed[-1]), undecided)
        return Outcome(met[0] if met else None, (), undecided)

    def _judge(self, at: int) -> Judgement:
        values, sizes = self._values[at], self._sizes.get(at, {})
        order = sorted(values)
        known = [sizes[rep] for rep in order if rep in sizes]
        return self._expectation.judge([values[rep] for rep in order], self._level, known)

    def _go_on(self) -> None:
        wanted = next(self._steps, None)
        if wanted is not None:
            self._awaited = set(wanted)
            self._ready.extend(wanted)

    def _search(self) -> Iterator[list[tuple[int, int]]]:
        tried = min(_FIRST_TRIED, self._n + 1)
        yield from self._measure({self._n * i // (tried - 1) for i in range(tried)})
        while True:
            position = self.outcome().position
            if position is None:
                return
            below = max((at for at in self._values if at < position), default=position)
            if position - below <= 1:
                return
            yield from self._measure([(below + position) // 2])

    def _measure(self, positions: Iterable[int]) -> Iterator[list[tuple[int, int]]]:
        """Ask for replications of some positions until each is decided or has had its most."""
        open_, n_done = sorted(positions), 0
        for n in self._counts:
            yield [(at, rep) for rep in range(n_done, n) for at in open_]
            open_ = [at for at in open_ if self._judge(at).verdict == Verdict.UNDECIDED]
            n_done = n
            if not open_:
                return
