"""The memory of a sweep does not grow with the number of its tasks."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from queueing import queue_file

import mailsim as ms
from mailsim.experiment.task import Task
from mailsim.record.parts import part_path


class Copies(Executor):
    """Puts a part that is there already in the place of each task's."""

    def __init__(self, part: Path) -> None:
        self._part = part

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[tuple[int, int]]:
        task: Task = args[0]
        shutil.copytree(self._part, task.out)
        future: Future[tuple[int, int]] = Future()
        future.set_result((task.point, task.replication))
        return future


def peak(experiment: ms.Experiment, out: Path, part: Path, repeat: int) -> int:
    tracemalloc.start()
    try:
        experiment.sweep(repeat=repeat, out=out, executor=Copies(part))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_six_times_the_tasks_in_the_same_memory(tmp_path: Path) -> None:
    experiment = ms.load(queue_file(tmp_path), "duration=1s")
    part = part_path(experiment.sweep(out=tmp_path / "one").path, 0, 0)
    peak(experiment, tmp_path / "warm", part, 2)
    few = peak(experiment, tmp_path / "few", part, 10)
    many = peak(experiment, tmp_path / "many", part, 60)
    assert many < few + 50 * 2000  # names of parts, no more; a part's tables are 30 times that
