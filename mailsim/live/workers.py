"""Several processes that serve one host: started together, stopped together.

Python runs one thread at a time, so a process serves with one processor; more of them share the
ports.  The first process only looks after the others: it tells them to stop when a signal comes,
and they stop by themselves when it is gone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, NoReturn, TypeVar

from mailsim.errors import MailsimError, RunError, error_text
from mailsim.live.stopping import SIGNALS, on_signal

__all__ = ["Control", "Workers", "n_processors"]

T = TypeVar("T")
_FORK = multiprocessing.get_context("fork")
_MOST = 4


def n_processors() -> int:
    """Return how many workers are of use here: one per processor, up to four."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux only
    return min(len(allowed(0)) if allowed else os.cpu_count() or 1, _MOST)


class Control:
    """A worker's line to the process that looks after it.

    Parameters
    ----------
    connection : Connection
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ready(self) -> None:
        """Say that the worker serves."""
        self._connection.send(None)

    async def to_stop(self) -> None:
        """Wait until the worker is to stop, or the other process is gone."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()

        def tell() -> None:
            loop.remove_reader(self._connection.fileno())
            if not told.done():
                told.set_result(None)

        loop.add_reader(self._connection.fileno(), tell)
        loop.add_signal_handler(signal.SIGTERM, tell)
        await told
        os.set_blocking(self._connection.fileno(), True)


class Workers(Generic[T]):
    """The processes.

    Parameters
    ----------
    n : int
    work : callable
        What each does, until its control says to stop: takes the control and the number of the
        worker, from 0; what it returns is collected.
    """

    def __init__(self, n: int, work: Callable[[Control, int], T]) -> None:
        self._processes: list[BaseProcess] = []
        self._lines: list[Connection] = []
        # An exception out of a signal's handler would be lost in the middle of a fork.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._start(n, work, before)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _start(
        self, n: int, work: Callable[[Control, int], T], mask: set[int | signal.Signals]
    ) -> None:
        for i in range(n):
            ours, theirs = _FORK.Pipe()
            others = [*self._lines, ours]
            process = _FORK.Process(
                target=_run,
                args=(work, theirs, others, i, mask),
                name=f"mailsim worker {i}",
                daemon=True,
            )
            process.start()
            theirs.close()
            self._processes.append(process)
            self._lines.append(ours)

    def wait_ready(self) -> None:
        """Wait until all serve.

        Raises
        ------
        MailsimError
            What kept one of them from it.
        """
        for line in self._lines:
            _heard(line)

    def wait_for_signal(self, runner: asyncio.Runner, begun: Callable[[], None]) -> int:
        """Wait for a signal to stop; return its number, or 0 if a worker has ended before.

        Parameters
        ----------
        runner : asyncio.Runner
        begun : callable
            Called when a signal would be heeded.
        """
        number = runner.run(self._wait(begun))
        for line in self._lines:
            os.set_blocking(line.fileno(), True)  # an event loop has made it what it needs
        return number

    async def _wait(self, begun: Callable[[], None]) -> int:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[int] = loop.create_future()

        def tell(number: int) -> None:
            if not told.done():
                told.set_result(number)

        on_signal(tell)
        for line in self._lines:
            loop.add_reader(line.fileno(), tell, 0)
        begun()
        number = await told
        for line in self._lines:
            loop.remove_reader(line.fileno())
        return number

    def stop(self) -> list[T | MailsimError]:
        """Tell all to stop; return what they have to say, or what has become of them."""
        for line in self._lines:
            try:
                line.send(None)
            except OSError:  # it is gone; what it said last is still there
                continue
        results: list[T | MailsimError] = []
        for line in self._lines:
            try:
                results.append(_heard(line))
            except MailsimError as error:
                results.append(error)
        for process in self._processes:
            process.join()
        return results


def _heard(line: Connection) -> Any:
    try:
        said = line.recv()
    except (EOFError, OSError):
        raise RunError("a worker process has died") from None
    if isinstance(said, MailsimError):
        raise said
    return said


def _run(
    work: Callable[[Control, int], T],
    line: Connection,
    others: list[Connection],
    number: int,
    mask: set[int | signal.Signals],
) -> NoReturn:
    """Be a worker: work, say what came of it, and go, without what the parent does at its end."""
    for other in others:  # else nobody would notice that the parent is gone
        other.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Those of a terminal go to all its processes; the parent tells us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if hasattr(os, "SCHED_BATCH"):  # Linux: who is at work is not put off for us, nor we for others
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    try:
        said: object = work(Control(line), number)
    except MailsimError as error:
        said = error
    except OSError as error:
        said = RunError(f"{error.filename or 'a worker process'}: {error.strerror or error}")
    except Exception as error:
        said = RunError(f"internal error in a worker process: {error_text(error)}")
    try:
        line.send(said)
    finally:
        os._exit(0)
