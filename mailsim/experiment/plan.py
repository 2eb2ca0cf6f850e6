"""Which tasks a sweep has, in which order; when a point has been repeated often enough.

Replications come first, points within them, so that the first figures are of all points.  How
many replications a point gets is a function of their results alone: neither the number of
workers nor who is ready first has a say in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping

from mailsim.experiment.sweep import Point
from mailsim.experiment.sweep_model import Sweep

__all__ = ["Plan"]


class Plan:
    """The tasks of one sweep.

    Parameters
    ----------
    points : list of Point
    sweep : Sweep
    is_wanted : callable
        Tells whether a point and a replication are asked for.

    Attributes
    ----------
    n_points, n_planned : int
        Points, and tasks that are asked for.
    """

    def __init__(
        self,
        points: list[Point],
        sweep: Sweep,
        is_wanted: Callable[[int, int], bool],
    ) -> None:
        self._points = points
        self._is_wanted = is_wanted
        self.n_points = len(points)
        self._until = sweep.until
        self._repeats = [sweep.repeat] * len(points)
        self._values: list[dict[int, float]] = [{} for _ in points] if sweep.until else []
        self._sizes: list[dict[int, float]] = [{} for _ in self._values]
        self._more: deque[tuple[Point, int]] = deque()
        self._first = self._first_round(sweep.repeat)
        self.n_planned = sum(
            is_wanted(point.number, rep) for point in points for rep in range(sweep.repeat)
        )

    def _first_round(self, repeat: int) -> Iterator[tuple[Point, int]]:
        for rep in range(repeat):
            for point in self._points:
                if self._is_wanted(point.number, rep):
                    yield point, rep

    def next(self) -> tuple[Point, int] | None:
        """Return the next point and replication; None if there is none for now."""
        found = next(self._first, None)
        if found is None and self._more:
            return self._more.popleft()
        return found

    def done(self, point: int, replication: int, metrics: Mapping[str, float]) -> None:
        """Take the result of one task; plan further replications if its point needs some.

        Parameters
        ----------
        point, replication : int
        metrics : mapping of str to float
            With the one that ``until`` is about.
        """
        if self._until is None:
            return
        from mailsim.analysis import replications_needed, size_name

        values, n = self._values[point], self._repeats[point]
        values[replication] = metrics[self._until.of]
        if (of := metrics.get(size_name(self._until.of))) is not None:
            self._sizes[point][replication] = of
        if any(rep not in values for rep in range(n)):
            return
        so_far = [values[rep] for rep in range(n)]
        sizes = [of for rep in range(n) if (of := self._sizes[point].get(rep)) is not None]
        half_width, most = self._until.half_width, self._until.max
        wanted = replications_needed(so_far, half_width, most, sizes=sizes)
        for rep in range(n, wanted):
            if self._is_wanted(point, rep):
                self._more.append((self._points[point], rep))
                self.n_planned += 1
        self._repeats[point] = wanted
