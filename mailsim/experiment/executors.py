"""Who does the tasks of a sweep: this process, several of this machine, a Dask cluster, or others.

All are `concurrent.futures.Executor`; none of them is ours.  A task that a worker took to its
grave is done again: Dask does that by itself, processes are started anew here.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import re
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from types import ModuleType, TracebackType
from typing import Any

from mailsim.errors import ConfigError
from mailsim.experiment import worker
from mailsim.experiment.forkserver import start_forkserver
from mailsim.experiment.task import Task, run_task

__all__ = ["Dask", "Given", "Inline", "Processes", "Workers", "workers_of"]

_DASK = re.compile(r"dask://[^/]+:\d+")
_CONNECT_S = 10.0
_AGAIN_S = 0.2
_WORKERS_S = 30


class Workers:
    """Those who do tasks; a context manager that lets go of them at the end.

    Attributes
    ----------
    executor : Executor
    """

    executor: Executor
    do: Callable[[Task], tuple[int, int]] = staticmethod(run_task)
    """What the executor is to be given, with a task."""

    def watch(self, told: Callable[[], None]) -> None:
        """Let ``told`` be called now and then while a task is done in this very process."""

    def under_way(self) -> float:
        """Return how far the tasks have come that are being done, each from 0 to 1, added up.

        0 if they do not tell.
        """
        return 0.0

    def window(self) -> int:
        """Return how many tasks should be handed out at a time."""
        return 1

    def renew(self) -> bool:
        """Start anew after a worker has died; tell whether that can be done."""
        return False

    def lost(self) -> str:
        """Return what is to be said if they are gone for good; nothing while they are there."""
        return ""

    def close(self, *, at_once: bool) -> None:
        """Let go of the workers; ``at_once`` without waiting for what they are doing."""

    def __enter__(self) -> Workers:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the workers."""
        self.close(at_once=kind is not None)


class _Now(Executor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Return what has been done already."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Inline(Workers):
    """Our own process, one task after the other."""

    def __init__(self) -> None:
        self.executor = _Now()
        self._share = 0.0
        self._told: Callable[[], None] | None = None
        self.do = self._do

    def watch(self, told: Callable[[], None]) -> None:
        """Let ``told`` be called now and then."""
        self._told = told

    def under_way(self) -> float:
        """Return how far the task has come."""
        return self._share

    def _do(self, task: Task) -> tuple[int, int]:
        told = self._told
        if told is None:
            return run_task(task)

        def progress(at_ns: int, duration_ns: int, n_finished: int, n_due: int) -> None:
            self._share = at_ns / duration_ns
            told()

        try:
            return run_task(task, progress)
        finally:
            self._share = 0.0


class _Pool(ProcessPoolExecutor):
    """Starts processes that do not run the caller's script again.

    Python gives a new process the main module of its parent, in case that a task needs it.  Ours
    never do, and a script without ``if __name__ == "__main__":`` would sweep in each of them.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand out a task; a process may be started for it."""
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            sys.modules["__main__"] = main


class Processes(Workers):
    """Processes of this machine, forked from a server that has imported what they need.

    They know neither pandas nor scipy, do not hear Ctrl-C, and end when this process does,
    however it ends.

    Parameters
    ----------
    n : int
        How many.
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._context = multiprocessing.get_context("forkserver")
        start_forkserver()
        self.do = worker.run_told
        self.executor = self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        self._shares = self._context.RawArray("d", self._n)
        return _Pool(self._n, self._context, initializer=worker.start, initargs=(self._shares,))

    def under_way(self) -> float:
        """Return how far their tasks have come."""
        return float(sum(self._shares))

    def window(self) -> int:
        """Return enough that no worker waits while the parent is busy."""
        return 2 * self._n

    def renew(self) -> bool:
        """Start the processes again; those of a broken pool have been ended by it."""
        self.executor = self._pool = self._start()
        return True

    def close(self, *, at_once: bool) -> None:
        """End the processes."""
        processes = list((self._pool._processes or {}).values())
        if at_once:
            for process in processes:
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)


class Given(Workers):
    """An executor of the caller's, who also shuts it down.

    Parameters
    ----------
    executor : Executor
    """

    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    def window(self) -> int:
        """Return twice the number of its workers, if it says that, else of processors."""
        n = getattr(self.executor, "_max_workers", None) or os.cpu_count() or 1
        return 2 * int(n)


class Dask(Workers):
    """The workers of a Dask cluster, however many there are at the moment.

    Parameters
    ----------
    url : str
        ``dask://HOST:PORT`` of the scheduler.

    Raises
    ------
    ConfigError
        If dask.distributed is not installed, or nobody answers there.
    """

    def __init__(self, url: str) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise ConfigError(
                f"--executor {url}: dask.distributed is not installed (mailsim[cluster])"
            ) from None
        place = url.removeprefix("dask://")
        address = f"tcp://{place}"
        try:
            _await_scheduler(*place.rsplit(":", 1))
            self._client = distributed.Client(address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, OverflowError, ValueError) as error:
            raise ConfigError(f"--executor {url}: no Dask scheduler answers there") from error
        try:
            self._client.wait_for_workers(1, timeout=_WORKERS_S)
        except (OSError, TimeoutError) as error:
            self._client.close()
            raise ConfigError(f"--executor {url}: the cluster has no workers") from error
        self._url = url
        self.executor = self._client.get_executor(pure=False, retries=2)

    def lost(self) -> str:
        """Return whether the scheduler has gone."""
        is_there = self._client.status in ("running", "connecting")
        return "" if is_there else f"--executor {self._url}: the Dask scheduler has gone"

    def window(self) -> int:
        """Return twice the number of threads that there are now."""
        n_threads: int = sum(self._client.nthreads().values())
        return max(2 * n_threads, 2)

    def close(self, *, at_once: bool) -> None:
        """Let go of the cluster; it goes on without us."""
        self.executor.shutdown(wait=not at_once)
        self._client.close()


def _await_scheduler(host: str, port: str) -> None:
    """Return as soon as somebody speaks there; a Dask scheduler does so first.

    Its client would wait for ever where a connection is taken and nothing said.
    """
    until = time.monotonic() + _CONNECT_S
    while True:
        left = until - time.monotonic()
        try:
            with socket.create_connection((host.strip("[]"), int(port)), max(left, 0.1)) as made:
                if made.recv(1):
                    return
                raise ConnectionError("hung up")
        except socket.gaierror:
            raise
        except OSError:
            if left < _AGAIN_S:
                raise
        time.sleep(_AGAIN_S)


def workers_of(jobs: int = 1, executor: Executor | str | None = None) -> Workers:
    """Return the workers that were asked for.

    Parameters
    ----------
    jobs : int
        Processes of this machine; 1 is this process itself.
    executor : Executor or str, optional
        Instead of these: any executor, or ``dask://HOST:PORT``.

    Raises
    ------
    ConfigError
        If that cannot be had.
    """
    if executor is None:
        given: object = jobs
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            raise ConfigError(f"jobs: expected a whole number of at least 1, got {jobs!r}")
        return Processes(jobs) if jobs > 1 else Inline()
    if jobs != 1:
        raise ConfigError("expected jobs or an executor, got both")
    if not isinstance(executor, str):
        if not callable(getattr(executor, "submit", None)):
            kinds = "a concurrent.futures.Executor or 'dask://HOST:PORT'"
            raise ConfigError(f"executor: expected {kinds}, got {executor!r}")
        return Given(executor)
    if _DASK.fullmatch(executor) is None:
        raise ConfigError(f"--executor {executor}: expected dask://HOST:PORT")
    return Dask(executor)
