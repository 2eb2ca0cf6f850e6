"""What a worker process is before its first task: all that simulates, nothing that analyses.

The server that workers are forked from imports this module once; a worker is then there in
some milliseconds.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import MutableSequence
from contextlib import suppress
from multiprocessing import forkserver

from mailsim.experiment.task import Task, run_task
from mailsim.record.light import keep_pandas_out

__all__ = ["run_told", "start"]


@atexit.register
def _clear_away() -> None:
    """Remove the socket of the server that workers are forked from, if this is it.

    Its parent does so on its way out, unless it was killed.  Workers leave without a word.
    """
    if multiprocessing.parent_process() is not None:
        return
    server = forkserver._forkserver
    address = getattr(server, "_forkserver_address", None)
    if getattr(server, "_forkserver_pid", None) is None and isinstance(address, str):
        with suppress(OSError):
            os.unlink(address)
            os.rmdir(os.path.dirname(address))


_shares: MutableSequence[float] = [0.0]
_mine = 0


def start(shares: MutableSequence[float]) -> None:
    """Begin as a worker: without pandas, deaf to Ctrl-C, and to end when the parent does.

    Parameters
    ----------
    shares : mutable sequence of float
        In memory that the parent sees: how far each worker has come with its task.
    """
    global _shares, _mine
    _shares = shares
    _mine = int(multiprocessing.current_process().name.rpartition("-")[2]) % len(shares)
    keep_pandas_out()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def run_told(task: Task) -> tuple[int, int]:
    """Do a task as :func:`~mailsim.experiment.task.run_task` does, and tell how far it has come."""

    def told(at_ns: int, duration_ns: int, n_finished: int, n_due: int) -> None:
        _shares[_mine] = at_ns / duration_ns

    try:
        return run_task(task, told)
    finally:
        _shares[_mine] = 0.0


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
