"""What a worker process is before its first task: all that simulates, nothing that analyses.

The server that workers are forked from imports this module once; a worker is then there in
some milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

from mailsim.experiment.task import run_task
from mailsim.record.light import keep_pandas_out

__all__ = ["run_task", "start"]


def start() -> None:
    """Begin as a worker: without pandas, deaf to Ctrl-C, and to end when the parent does."""
    keep_pandas_out()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
