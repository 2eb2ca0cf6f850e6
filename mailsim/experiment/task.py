"""One task of a sweep: the run of one point with one replication's random numbers, on disk.

It is idempotent: run twice, it leaves the same part.  A worker process imports this module and
what a simulation needs, but neither pandas nor scipy.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from mailsim.errors import RunError
from mailsim.experiment.model import Scenario
from mailsim.experiment.runner import Progress, simulate
from mailsim.record.log import Log
from mailsim.record.saved import replacing, write_run_json

__all__ = ["Task", "run_task", "stream_key"]

_POINT = 1 << 64
"""Between the keys of two points; no replication has a number so large."""


class Task(NamedTuple):
    """What a worker needs to know.

    Attributes
    ----------
    scenario : Scenario
        At the point.
    seed, point, replication : int
    values : dict of str to object
        The values of the point by path, for ``run.json``.
    is_common : bool
        Whether all points have the random numbers of the replication.
    out : str
        Directory of the part.
    version : str
        Of the mailsim that asks: a worker of another one must not answer.
    """

    scenario: Scenario
    seed: int
    point: int
    replication: int
    values: dict[str, Any]
    is_common: bool
    out: str
    version: str


def stream_key(point: int, replication: int, *, is_common: bool) -> int:
    """Return the key of the random numbers of a task, beside the seed.

    Point 0 has the same key either way, and replication 0 of it that of a single run.
    """
    return replication if is_common else point * _POINT + replication


def run_task(task: Task, progress: Progress | None = None) -> tuple[int, int]:
    """Simulate, write the part; return point and replication.

    Raises
    ------
    RunError
        If the run broke a law of its own, or this is another version of mailsim.
    ConfigError
        If the part cannot be written.
    OSError
        If the disk is full, say.
    """
    mine = version("mailsim")
    if mine != task.version:
        raise RunError(f"a worker runs mailsim {mine}, this is {task.version}: use one version")
    scenario = task.scenario
    with replacing(Path(task.out)) as part:
        log = Log(part, with_events=scenario.record.events, with_faults=bool(scenario.faults))
        key = stream_key(task.point, task.replication, is_common=task.is_common)
        try:
            info = simulate(scenario, task.seed, log, progress, key)
        except RunError as error:
            raise RunError(f"point {task.point}, replication {task.replication}: {error}") from None
        of_sweep = {"point": task.point, "replication": task.replication, "values": task.values}
        write_run_json(part, of_sweep | info)
    return task.point, task.replication
