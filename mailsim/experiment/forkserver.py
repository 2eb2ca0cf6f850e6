"""The server that worker processes are forked from: it imports once what all of them need.

That takes a second, in which the scenario can be read: who knows early that there will be workers
starts it early.
"""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing.forkserver import ensure_running

__all__ = ["start_forkserver"]

_NEEDED = "mailsim.experiment.worker"


def start_forkserver() -> None:
    """Start it, unless it runs already; return before it is ready."""
    multiprocessing.get_context("forkserver").set_forkserver_preload([_NEEDED])
    # It ignores Ctrl-C as soon as it has imported all, and until then would show a traceback.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
