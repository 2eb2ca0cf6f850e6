"""A sweep: its tasks handed to an executor, its parts collected, its summary written.

The parent keeps no table and no result but a number per task and measure; tasks are made and
handed out as workers become free, so that memory does not grow with their number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from mailsim.errors import ConfigError
from mailsim.experiment.digest import digest
from mailsim.experiment.model import Scenario
from mailsim.experiment.only import chooser
from mailsim.experiment.plan import Plan
from mailsim.experiment.sweep import Point, points_of, scenario_at
from mailsim.experiment.sweep_directory import sweep_directory
from mailsim.experiment.sweep_model import Sweep
from mailsim.experiment.task import Task, run_task
from mailsim.record.parts import damage, part_path
from mailsim.record.summaries import write_summary

__all__ = ["Status", "SweepProgress", "run_sweep"]


class Status(NamedTuple):
    """How far a sweep has come.

    Attributes
    ----------
    n_points : int
    n_done, n_planned : int
        Tasks: one for each point and replication.
    n_kept : int
        Of those done, the ones that were there already.
    simulated_s, wall_s : float
        Simulated seconds of the tasks done; seconds since the sweep began.
    remaining_s : float or None
        Estimate; None before the first task is done.
    last : str
        What was done last, or a note about a part.
    """

    n_points: int
    n_done: int
    n_planned: int
    n_kept: int
    simulated_s: float
    wall_s: float
    remaining_s: float | None
    last: str


SweepProgress = Callable[[Status], None]

_MOST_SCENARIOS = 128


class Inline(Executor):
    """Runs a task in this process, at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return what has been done already."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def run_sweep(
    scenario: Scenario,
    sweep: Sweep,
    seed: int,
    out: Path,
    *,
    only: Sequence[str] = (),
    resume: bool = False,
    executor: Executor | None = None,
    window: int = 1,
    progress: SweepProgress | None = None,
) -> None:
    """Run all tasks of a sweep that are wanted and not there yet.

    Parameters
    ----------
    scenario : Scenario
    sweep : Sweep
    seed : int
    out : Path
    only : sequence of str
        Which tasks, as :func:`~mailsim.experiment.only.chooser` takes them.  Such a sweep
        leaves what other processes do in the same directory alone.
    resume : bool
        Keep the parts that are there.
    executor : Executor, optional
        Who does the tasks; this process itself unless said.
    window : int
        Tasks handed out at a time.
    progress : callable, optional
        Called with a :class:`Status` after each task.

    Raises
    ------
    ConfigError
        If ``out`` holds something else, cannot be written, or ``only`` means no task.
    RunError, OSError
        If a task fails; the parts that are finished stay.
    """
    points = list(points_of(sweep))
    plan = Plan(points, sweep, chooser(only))
    if not plan.n_planned:
        raise ConfigError(f"--only {' '.join(only)}: {_extent(points, sweep)}")
    info = _info(scenario, sweep, seed, points)
    with sweep_directory(out, info, is_shared=bool(only), keeps=resume or bool(only)):
        run = _Run(scenario, sweep, seed, out, plan, resume, progress)
        run.all(executor or Inline(), window)
        write_summary(out)


class _Run:
    def __init__(
        self,
        scenario: Scenario,
        sweep: Sweep,
        seed: int,
        out: Path,
        plan: Plan,
        keeps: bool,
        progress: SweepProgress | None,
    ) -> None:
        self._scenario = scenario
        self._sweep = sweep
        self._seed = seed
        self._out = out
        self._plan = plan
        self._keeps = keeps
        self._progress = progress
        self._scenarios: dict[int, Scenario] = {}
        self._n_done = self._n_kept = 0
        self._simulated_s = 0.0
        self._began = time.perf_counter()

    def all(self, executor: Executor, window: int) -> None:
        """Hand out all tasks, at most ``window`` at a time."""
        pending: set[Future[tuple[int, int]]] = set()
        try:
            while True:
                while len(pending) < window and (task := self._next()) is not None:
                    pending.add(executor.submit(run_task, task))
                if not pending:
                    return
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    self._collect(*future.result())
        finally:
            for future in pending:
                future.cancel()

    def _next(self) -> Task | None:
        """Return the next task whose part is not there yet."""
        while (found := self._plan.next()) is not None:
            point, replication = found
            part = part_path(self._out, point.number, replication)
            if self._keeps and part.exists():
                wrong = damage(part)
                if not wrong:
                    self._n_kept += 1
                    self._collect(point.number, replication)
                    continue
                self._tell(f"{wrong}; it is run again")
            return Task(
                self._at(point),
                self._seed,
                point.number,
                replication,
                point.values,
                self._sweep.random_numbers == "common",
                str(part),
                version("mailsim"),
            )
        return None

    def _at(self, point: Point) -> Scenario:
        """Return the scenario at a point; the last ones made are kept."""
        if point.number not in self._scenarios:
            if len(self._scenarios) >= _MOST_SCENARIOS:
                self._scenarios.pop(next(iter(self._scenarios)))
            self._scenarios[point.number] = scenario_at(self._scenario, point)
        return self._scenarios[point.number]

    def _collect(self, point: int, replication: int) -> None:
        part = part_path(self._out, point, replication)
        metrics = digest(part, self._sweep.expressions)
        self._plan.done(point, replication, metrics)
        self._n_done += 1
        self._simulated_s += self._scenario.duration / 1e9
        self._tell(f"point {point}, replication {replication}")

    def _tell(self, last: str) -> None:
        if self._progress is None:
            return
        wall_s = time.perf_counter() - self._began
        n_new, n_left = self._n_done - self._n_kept, self._plan.n_planned - self._n_done
        self._progress(
            Status(
                self._plan.n_points,
                self._n_done,
                self._plan.n_planned,
                self._n_kept,
                self._simulated_s,
                wall_s,
                wall_s / n_new * n_left if n_new else None,
                last,
            )
        )


def _extent(points: list[Point], sweep: Sweep) -> str:
    return f"the sweep has points 0 to {len(points) - 1} and replications 0 to {sweep.repeat - 1}"


def _info(scenario: Scenario, sweep: Sweep, seed: int, points: list[Point]) -> dict[str, Any]:
    resolved = scenario.resolved()
    resolved["sweep"] = sweep.model_dump(mode="json", exclude_none=True)
    return {
        "format": 1,
        "name": scenario.name,
        "seed": seed,
        "versions": {"mailsim": version("mailsim")},
        "measures": sweep.expressions,
        "points": [point.values for point in points],
        "scenario": resolved,
    }
