"""A search on disk: a sweep whose points are made as it goes, and what it has come to.

``sweep.json`` lists the points in the order in which they were tried; at the end it says under
``found`` what the answer is and how each value fared.  The same search tries the same values in
the same order, whoever does the runs, so that one that was interrupted can go on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mailsim.analysis import Judgement, Search, parse_expectation, size_name
from mailsim.experiment.executors import Workers
from mailsim.experiment.find import as_sweep
from mailsim.experiment.find_model import Find
from mailsim.experiment.model import Scenario
from mailsim.experiment.sweep import Point
from mailsim.experiment.sweep_directory import sweep_directory
from mailsim.experiment.sweep_run import SweepProgress, run_tasks, sweep_info
from mailsim.record.parts import write_sweep_json

__all__ = ["FindPlan", "run_find"]


class FindPlan:
    """The tasks of a search, see :class:`~mailsim.experiment.sweep_run.Tasks`.

    Parameters
    ----------
    find : Find
    told : callable
        Called with each point when it is first tried.
    """

    def __init__(self, find: Find, told: Callable[[Point], None]) -> None:
        self._find = find
        self._knob = find.knob
        self._expectation = parse_expectation(find.such_that)
        self._search = Search(self._knob.n, self._expectation, find.repeat, find.max)
        self._told = told
        self._points: dict[int, Point] = {}  # by position
        self._positions: list[int] = []  # by number of the point

    @property
    def n_points(self) -> int:
        """Values tried so far."""
        return len(self._points)

    @property
    def n_planned(self) -> int:
        """Runs asked for so far; there may be more."""
        return self._search.n_wanted

    def value(self, position: int) -> Any:
        """Return the value at a position of the search, for which more is always better."""
        turned = position if self._find.smallest is not None else self._knob.n - position
        return self._knob.at(turned)

    def next(self) -> tuple[Point, int] | None:
        """Return the next point and replication; None if there is none for now."""
        wanted = self._search.next()
        if wanted is None:
            return None
        position, replication = wanted
        if position not in self._points:
            point = Point(len(self._points), {self._find.path: self.value(position)})
            self._points[position] = point
            self._positions.append(position)
            self._told(point)
        return self._points[position], replication

    def done(self, point: int, replication: int, metrics: Mapping[str, float]) -> None:
        """Take the result of one task."""
        name = str(self._expectation.expression)
        of = metrics.get(size_name(name))
        self._search.put(self._positions[point], replication, metrics[name], of)

    def found(self) -> dict[str, Any]:
        """Return the answer, what is to be said of it, and how each value fared that was tried."""
        outcome, judged = self._search.outcome(), self._search.judgements()
        tried = [self._row(at, one) for at, one in judged.items()]
        if self._find.smallest is None:
            tried.reverse()
        value = None if outcome.position is None else self.value(outcome.position)
        return {"value": value, "says": self._says(), "tried": tried}

    def _row(self, position: int, one: Judgement) -> dict[str, Any]:
        figures = zip(("mean", "low", "high"), one.interval[:3], strict=True)
        return {
            "point": self._points[position].number,
            "value": self.value(position),
            "verdict": str(one.verdict),
            "replications": one.interval.n,
            **{name: value if math.isfinite(value) else None for name, value in figures},
            "unit": self._expectation.expression.unit,
        }

    def _says(self) -> str:
        find, outcome = self._find, self._search.outcome()
        which = "largest" if find.smallest is None else "smallest"
        step = 1 if find.smallest is not None else -1
        undecided = ", ".join(str(self.value(at)) for at in outcome.undecided[::step])
        if outcome.contradiction:
            met, missed = map(self.value, outcome.contradiction)
            return (
                f"not monotone: {find.such_that} is met at {met} and missed at {missed}, so that "
                f"no {which} value can be searched for; look at a sweep over {find.path}"
            )
        if outcome.position is None and undecided:
            return (
                f"no value is known to do it: at {undecided} {find.such_that} is not decided after "
                f"{find.max} replications, at the others it is missed"
            )
        ends = f"{find.between[0]} to {find.between[1]}"
        if outcome.position is None:
            return f"no value does it: from {ends} {find.such_that} is missed wherever it was tried"
        answer = f"the {which} value of {find.path} such that {find.such_that}: "
        answer += str(self.value(outcome.position))
        if outcome.position == 0:
            return f"{answer}, the end of {ends}; beyond was not looked"
        if undecided:
            answer += f"; not decided after {find.max} replications: {undecided}"
        return answer


def run_find(
    scenario: Scenario,
    find: Find,
    seed: int,
    out: Path,
    *,
    resume: bool = False,
    workers: Workers,
    progress: SweepProgress | None = None,
) -> None:
    """Look for a value; write all runs and what was found.

    Parameters
    ----------
    scenario : Scenario
    find : Find
    seed : int
    out : Path
    resume : bool
        Keep the runs that are there, of the same search.
    workers : Workers
        Who does the runs.  They are let go of at the end.
    progress : callable, optional
        Called with a :class:`~mailsim.experiment.sweep_run.Status` after each run, and
        every half second or so between.

    Raises
    ------
    ConfigError
        If ``out`` holds something else or cannot be written.
    RunError, OSError
        If a run fails; those that are finished stay.
    """
    sweep = as_sweep(find)
    info = sweep_info(scenario, sweep, seed, [])
    del info["scenario"]["sweep"]
    info["find"] = info["scenario"]["find"] = find.model_dump(mode="json", exclude_none=True)

    def told(point: Point) -> None:
        info["points"].append(point.values)
        write_sweep_json(out, info)

    with workers, sweep_directory(out, info, is_shared=False, keeps=resume):
        plan = FindPlan(find, told)
        run_tasks(
            scenario, sweep, seed, out, plan, resume=resume, workers=workers, progress=progress
        )
        info["found"] = plan.found()
        write_sweep_json(out, info)
