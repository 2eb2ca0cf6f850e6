"""A sweep: its tasks handed to an executor, its parts collected, its summary written.

The parent keeps no table and no result but a number per task and measure; tasks are made and
handed out as workers become free, so that memory does not grow with their number.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from mailsim.errors import ConfigError, RunError
from mailsim.experiment.digest import digest
from mailsim.experiment.executors import Workers
from mailsim.experiment.interruption import insist
from mailsim.experiment.measured import expected_measures
from mailsim.experiment.model import Scenario
from mailsim.experiment.only import chooser
from mailsim.experiment.plan import Plan
from mailsim.experiment.sweep import Point, points_of, scenario_at
from mailsim.experiment.sweep_directory import sweep_directory
from mailsim.experiment.sweep_model import Sweep
from mailsim.experiment.task import Task
from mailsim.record.parts import clear_away, damage, part_path
from mailsim.record.summaries import write_summary

__all__ = ["Status", "SweepProgress", "Tasks", "run_sweep", "run_tasks", "sweep_info"]


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
        Simulated seconds so far; seconds since the sweep began.
    remaining_s : float or None
        Estimate; None while there is nothing to go by.
    last : str
        What has just been done; empty between two tasks.
    warning : str
        What went wrong instead and is made good: a damaged part, a worker that died.
    under_way : float
        How far the tasks have come that are being done, each from 0 to 1, added up; 0 if that is
        not known, as on a cluster.
    """

    n_points: int
    n_done: int
    n_planned: int
    n_kept: int
    simulated_s: float
    wall_s: float
    remaining_s: float | None
    last: str
    warning: str = ""
    under_way: float = 0.0


SweepProgress = Callable[[Status], None]

_MOST_SCENARIOS = 128
_MOST_DEATHS = 3
_TICK_S = 0.5
"""Between two words on how far it has come, while no task is done."""
_DEAD = "workers die one after the other (out of memory?)"


def run_sweep(
    scenario: Scenario,
    sweep: Sweep,
    seed: int,
    out: Path,
    *,
    only: str | Sequence[str] = (),
    resume: bool = False,
    workers: Workers,
    progress: SweepProgress | None = None,
) -> None:
    """Run all tasks of a sweep that are wanted and not there yet.

    Parameters
    ----------
    scenario : Scenario
    sweep : Sweep
    seed : int
    out : Path
    only : str or sequence of str
        Which tasks, as :func:`~mailsim.experiment.only.chooser` takes them.  Such a sweep
        leaves what other processes do in the same directory alone.
    resume : bool
        Keep the parts that are there.
    workers : Workers
        Who does the tasks.  They are let go of at the end.
    progress : callable, optional
        Called with a :class:`Status` after each task, and every half second or so between.

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
        said = only if isinstance(only, str) else " ".join(only)
        raise ConfigError(f"--only {said}: {_extent(points, sweep)}")
    info = sweep_info(scenario, sweep, seed, points)
    keeps = resume or bool(only)
    with workers, sweep_directory(out, info, is_shared=bool(only), keeps=keeps):
        run_tasks(
            scenario, sweep, seed, out, plan,
            resume=resume, is_shared=bool(only), workers=workers, progress=progress,
        )  # fmt: skip


class Tasks(Protocol):
    """Who says which tasks there are, such as :class:`~mailsim.experiment.plan.Plan`.

    Attributes
    ----------
    n_points, n_planned : int
        Points, and tasks, that are asked for so far.
    """

    @property
    def n_points(self) -> int:
        """Points that are asked for so far."""

    @property
    def n_planned(self) -> int:
        """Tasks that are asked for so far."""

    def next(self) -> tuple[Point, int] | None:
        """Return the next point and replication; None if there is none for now."""

    def done(self, point: int, replication: int, metrics: Mapping[str, float]) -> None:
        """Take the result of one task."""


def run_tasks(
    scenario: Scenario,
    sweep: Sweep,
    seed: int,
    out: Path,
    plan: Tasks,
    *,
    resume: bool,
    is_shared: bool = False,
    workers: Workers,
    progress: SweepProgress | None,
) -> None:
    """Run the tasks of a plan in a directory that is ours, then sum up; see :func:`run_sweep`.

    Raises
    ------
    RunError, OSError
        If a task fails; the parts that are finished stay.
    """
    run = _Run(scenario, sweep, seed, out, plan, resume, progress)
    try:
        run.all(workers)
    except BaseException as error:
        lost = "" if isinstance(error, (KeyboardInterrupt, SystemExit)) else workers.lost()
        workers.close(at_once=True)
        if lost:
            raise _with_kept(RunError(lost), run) from error
        if isinstance(error, (OSError, RunError)):
            raise _with_kept(error, run) from error
        raise
    finally:
        if not is_shared:  # what workers that died have left
            with suppress(OSError):
                clear_away(out)
    write_summary(out)


def _with_kept(error: OSError | RunError, run: _Run) -> Exception:
    """Return an error that also says what is not lost."""
    kept = f"{run.n_done} of {run.plan.n_planned} runs are finished and kept: --resume goes on"
    if isinstance(error, OSError):
        return OSError(error.errno, f"{error.strerror or error}; {kept}", error.filename)
    return RunError(f"{error}; {kept}")


class _Run:
    def __init__(
        self,
        scenario: Scenario,
        sweep: Sweep,
        seed: int,
        out: Path,
        plan: Tasks,
        keeps: bool,
        progress: SweepProgress | None,
    ) -> None:
        self._scenario = scenario
        self._sweep = sweep
        self._measured = list(dict.fromkeys([*sweep.expressions, *expected_measures(scenario)]))
        self._seed = seed
        self._out = out
        self.plan = plan
        self._keeps = keeps
        self._progress = progress
        self._scenarios: dict[int, Scenario] = {}
        self.n_done = self._n_kept = 0
        self._simulated_s = 0.0
        self._began = self._last_done = self._last_told = time.perf_counter()
        self._under_way: Callable[[], float] = float

    def all(self, workers: Workers) -> None:
        """Hand out all tasks, no more at a time than keep the workers busy."""
        patience_s = None
        if self._progress is not None:
            self._under_way, patience_s = workers.under_way, _TICK_S
            workers.watch(self._tick)
            self._tell("")
        pending: dict[Future[tuple[int, int]], Task] = {}
        again: deque[Task] = deque()
        n_broken = 0
        try:
            while True:
                try:
                    self._hand_out(workers, pending, again)
                    if not pending:
                        return
                    for future in wait(pending, patience_s, FIRST_COMPLETED).done:
                        point, replication = future.result()
                        del pending[future]
                        self._collect(point, replication)
                        n_broken = 0
                    insist()
                    self._tick()
                except BrokenExecutor as error:
                    n_broken += 1
                    if n_broken > _MOST_DEATHS or not workers.renew():
                        raise RunError(_DEAD) from error
                    self._tell("", "a worker died; its task is done again")
                    again.extend(pending.values())
                    pending.clear()
        finally:
            for future in pending:
                future.cancel()

    def _hand_out(
        self, workers: Workers, pending: dict[Future[tuple[int, int]], Task], again: deque[Task]
    ) -> None:
        while len(pending) < workers.window():
            task = again.popleft() if again else self._next()
            if task is None:
                return
            try:
                pending[workers.executor.submit(workers.do, task)] = task
            except BrokenExecutor:
                again.append(task)
                raise

    def _next(self) -> Task | None:
        """Return the next task whose part is not there yet."""
        while (found := self.plan.next()) is not None:
            point, replication = found
            part = part_path(self._out, point.number, replication)
            if self._keeps and part.exists():
                wrong = damage(part)
                if not wrong:
                    self._n_kept += 1
                    self._collect(point.number, replication)
                    continue
                self._tell("", f"{wrong}; it is run again")
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
        metrics = digest(part, self._measured)
        self.plan.done(point, replication, metrics)
        self.n_done += 1
        self._simulated_s += self._scenario.duration / 1e9
        self._last_done = time.perf_counter()
        self._tell(f"point {point}, replication {replication}")

    def _tick(self) -> None:
        """Tell how far it has come, unless that was told a moment ago."""
        if time.perf_counter() - self._last_told >= _TICK_S:
            self._tell("")

    def _tell(self, last: str, warning: str = "") -> None:
        if self._progress is None:
            return
        self._last_told = now = time.perf_counter()
        under_way = self._under_way()
        self._progress(
            Status(
                self.plan.n_points,
                self.n_done,
                self.plan.n_planned,
                self._n_kept,
                self._simulated_s + under_way * self._scenario.duration / 1e9,
                now - self._began,
                self._remaining_s(now, under_way),
                last,
                warning,
                under_way,
            )
        )

    def _remaining_s(self, now: float, under_way: float) -> float | None:
        n_new, n_left = self.n_done - self._n_kept, self.plan.n_planned - self.n_done
        if under_way > 0:
            return (now - self._began) / (n_new + under_way) * max(0.0, n_left - under_way)
        if not n_new:
            return None
        per_task_s = (self._last_done - self._began) / n_new
        return max(0.0, per_task_s * n_left - (now - self._last_done))


def _extent(points: list[Point], sweep: Sweep) -> str:
    return f"the sweep has points 0 to {len(points) - 1} and replications 0 to {sweep.repeat - 1}"


def sweep_info(scenario: Scenario, sweep: Sweep, seed: int, points: list[Point]) -> dict[str, Any]:
    """Return what ``sweep.json`` says."""
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
