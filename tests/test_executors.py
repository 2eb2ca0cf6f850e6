"""Who does the tasks of a sweep makes no difference to its rows; whoever dies is replaced."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.errors import ConfigError, RunError
from mailsim.experiment import executors
from mailsim.experiment.executors import Inline, Processes, Workers, workers_of
from mailsim.experiment.sweep_run import Status
from mailsim.record.parts import part_path, parts_of
from mailsim.record.tables import ON_DEMAND, TABLES

LIMIT = "hosts.mx.example.org.postfix.default_process_limit"
SWEEP = f"  grid: {{{LIMIT}: [1, 2]}}\n  repeat: 3\n"
NAMES = [name for name in TABLES if name not in ON_DEMAND]


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = queue_file(tmp_path_factory.mktemp("executors"), SWEEP)
    path.write_text(path.read_text().replace("duration: 20s", "duration: 8s"))
    return path


@pytest.fixture(scope="module")
def serial(scenario: Path) -> ms.SweepRun:
    return ms.load(scenario).sweep(out=scenario.with_name("serial"))


def rows(path: Path) -> dict[tuple[int, int, str], list[object]]:
    return {
        (*part, name): pq.read_table(part_path(path, *part) / f"{name}.parquet").to_pylist()
        for part in parts_of(path)
        for name in NAMES
    }


def same(one: ms.SweepRun, other: ms.SweepRun) -> bool:
    assert len(parts_of(one.path)) == 6
    hidden = [path.name for path in (one.path / "parts").iterdir() if path.name.startswith(".")]
    return hidden == [] and rows(one.path) == rows(other.path) and one.values.equals(other.values)


def test_threads_of_the_caller(scenario: Path, serial: ms.SweepRun, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert same(ms.load(scenario).sweep(out=tmp_path / "out", executor=pool), serial)
        assert pool.submit(int, "7").result() == 7  # it is the caller's to shut down


@pytest.mark.slow
def test_processes_and_one_of_them_killed(
    scenario: Path, serial: ms.SweepRun, tmp_path: Path
) -> None:
    told: list[Status] = []
    workers: list[Processes] = []

    class Watched(Processes):
        def __init__(self, n: int) -> None:
            super().__init__(n)
            workers.append(self)

    def progress(status: Status) -> None:
        told.append(status)
        if status.n_done == 2 and status.last:
            os.kill(next(iter(workers[0]._pool._processes)), signal.SIGKILL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executors, "Processes", Watched)
        swept = ms.load(scenario).sweep(out=tmp_path / "out", jobs=2, progress=progress)
    assert same(swept, serial)
    assert any("its task is done again" in status.warning for status in told)
    assert told[-1].n_done == 6


def loaded(names: set[str]) -> set[str]:
    return names & {name.partition(".")[0] for name in sys.modules}


@pytest.mark.slow
def test_a_worker_knows_no_pandas(scenario: Path, serial: ms.SweepRun, tmp_path: Path) -> None:
    from mailsim.experiment.task import Task, run_task

    task = Task(
        ms.load(scenario).scenario, 1, 0, 0, {}, True, str(tmp_path / "part"), ms.__version__
    )
    with Processes(1) as workers:
        assert workers.executor.submit(run_task, task).result() == (0, 0)
        heavy = {"pandas", "scipy", "matplotlib", "rich", "typer", "dask", "distributed"}
        assert workers.executor.submit(loaded, heavy).result() == set()
    assert pq.read_table(tmp_path / "part" / "queues.parquet").num_rows > 0


def test_a_cluster_that_goes_away(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its library raises says nothing to a user."""

    class Gone(executors.Inline):
        def lost(self) -> str:
            return "--executor dask://there:1: the Dask scheduler has gone"

    def half_done(status: Status) -> None:
        if status.n_done == 2:
            raise OSError("ConnectionPool closing.")

    monkeypatch.setattr(executors, "Inline", Gone)
    with pytest.raises(RunError, match="scheduler has gone; 2 of 6 runs are finished and kept"):
        ms.load(scenario).sweep(out=tmp_path / "out", progress=half_done)


def test_workers_that_die_one_after_the_other(scenario: Path, tmp_path: Path) -> None:
    from concurrent.futures import Executor, Future
    from concurrent.futures.process import BrokenProcessPool
    from typing import Any

    class Deadly(Executor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("killed"))
            return future

    class Mortal(Workers):
        executor = Deadly()
        n_renewed = 0

        def renew(self) -> bool:
            self.n_renewed += 1
            return True

    experiment, mortal = ms.load(scenario), Mortal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executors, "workers_of", lambda *_: mortal)
        with pytest.raises(RunError, match=r"one after the other .*0 of 6 runs are finished"):
            experiment.sweep(out=tmp_path / "out")
    assert mortal.n_renewed == 3
    with pytest.raises(RunError, match="one after the other"):
        experiment.sweep(out=tmp_path / "out", executor=Deadly())


@pytest.mark.slow
def test_resume_after_kill_9(scenario: Path, serial: ms.SweepRun, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-m", "mailsim", "run", str(scenario), "--out", str(out), "-q"]
    sockets = tmp_path / "tmp"
    sockets.mkdir()
    with subprocess.Popen(
        [*words, "-j", "2"], env={**os.environ, "TMPDIR": str(sockets)}
    ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(parts_of(out)) < 2:
            time.sleep(0.01)
        process.kill()
    before = {part: part_path(out, *part).stat().st_ino for part in parts_of(out)}
    assert 2 <= len(before) < 6
    told: list[Status] = []
    swept = ms.load(scenario).sweep(out=out, resume=True, progress=told.append)
    assert {part: part_path(out, *part).stat().st_ino for part in before} == before
    assert told[-1].n_kept == len(before)
    assert same(swept, serial)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and list(sockets.iterdir()):
        time.sleep(0.01)
    assert not list(sockets.iterdir()), "the server of the workers has cleared it away"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"jobs": 0}, "jobs: expected a whole number of at least 1, got 0"),
        ({"jobs": 2, "executor": "dask://127.0.0.1:1"}, "expected jobs or an executor, got both"),
        ({"executor": "ray://127.0.0.1:1"}, "expected dask://HOST:PORT"),
        ({"executor": "dask://"}, "expected dask://HOST:PORT"),
        ({"executor": "dask://127.0.0.1"}, "expected dask://HOST:PORT"),
        ({"executor": 3}, r"executor: expected a concurrent.futures.Executor or .*, got 3"),
    ],
)
def test_refused(words: dict[str, object], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        workers_of(**words)  # type: ignore[arg-type]


def test_windows() -> None:
    assert isinstance(workers_of(), Inline)
    assert workers_of().window() == 1
    with ThreadPoolExecutor(3) as pool:
        assert workers_of(executor=pool).window() == 6


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"not installed \(mailsim\[cluster\]\)"):
        workers_of(executor="dask://127.0.0.1:1")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[int]]]:
    """Start a Dask scheduler and two workers; give its address and the workers' processes."""
    place = tmp_path_factory.mktemp("dask")
    contact = place / "scheduler.json"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    dask += ["--port", "0", "--no-dashboard", "--scheduler-file", str(contact)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-dashboard", "--no-nanny"]
    worker += ["--scheduler-file", str(contact), "--nthreads", "1", "--host", "127.0.0.1"]
    worker += ["--local-directory", str(place)]
    with (place / "log").open("wb") as log:
        processes = [subprocess.Popen(dask, stdout=log, stderr=log, cwd=place)]
        try:
            for _ in range(600):
                if contact.exists() and contact.stat().st_size:
                    break
                time.sleep(0.05)
            for _ in range(2):
                processes.append(subprocess.Popen(worker, stdout=log, stderr=log, cwd=place))
            import json

            address = json.loads(contact.read_text())["address"]
            yield address.replace("tcp://", "dask://"), [p.pid for p in processes[1:]]
        finally:
            for process in reversed(processes):
                process.kill()
                process.wait(20)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of a library that is not ours
def test_a_dask_cluster_that_loses_a_worker(
    scenario: Path, serial: ms.SweepRun, tmp_path: Path, cluster: tuple[str, list[int]]
) -> None:
    address, pids = cluster
    told: list[Status] = []

    def progress(status: Status) -> None:
        told.append(status)
        if len(told) == 2:
            os.kill(pids[0], signal.SIGKILL)

    swept = ms.load(scenario).sweep(out=tmp_path / "out", executor=address, progress=progress)
    assert same(swept, serial)
    assert told[-1].n_done == 6


@pytest.mark.filterwarnings("ignore")  # of a library that is not ours
def test_a_cluster_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "_CONNECT_S", 0.2)
    with pytest.raises(ConfigError, match="no Dask scheduler answers there"):
        workers_of(executor="dask://127.0.0.1:1")
    with pytest.raises(ConfigError, match="no Dask scheduler answers there"):
        workers_of(executor="dask://nobody:1")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"dask://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ConfigError, match="no Dask scheduler answers there"):
            workers_of(executor=url)


@pytest.mark.slow
def test_an_interruption_ends_the_workers_and_keeps_the_parts(
    scenario: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    pids: list[int] = []

    def interrupted(status: Status) -> None:
        if not status.n_done:
            return
        pids.extend(child.pid for child in multiprocessing.active_children() if child.pid)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ms.load(scenario).sweep(out=out, jobs=2, progress=interrupted)
    assert 1 <= len(parts_of(out)) < 6
    assert len(list((out / "parts").iterdir())) == len(parts_of(out))
    assert len(pids) == 2
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_a_script_is_not_run_again_by_its_workers(scenario: Path, tmp_path: Path) -> None:
    script = tmp_path / "study.py"
    script.write_text(
        "import mailsim as ms\n"
        "print('once')\n"
        f"found = ms.load({str(scenario)!r}).sweep(repeat=1, jobs=2, out='out')\n"
        "print(len(found.points))\n"
    )
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("once\n2\n", "")
