"""Which tasks a sweep has, and in which order.

Replications come first, points within them, so that the first figures are of all points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
        return next(self._first, None)
