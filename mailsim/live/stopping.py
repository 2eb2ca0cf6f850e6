"""Signals that ask a program on an event loop to stop: heeded by the loop, not amid its work.

The first one begins the end, which takes its time: what was seen is still to be written.  A second
one, of somebody who is in a hurry, must not undo that.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

__all__ = ["SIGNALS", "Stoppable", "on_signal"]

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def on_signal(tell: Callable[[int], None]) -> None:
    """Let the running loop call ``tell`` with the number of each signal that asks to stop.

    Those that are ignored stay so, as nohup has it.  In a thread of somebody's program none are
    ours.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            loop.add_signal_handler(number, tell, number)


class Stoppable:
    """A part of a program that may be stopped once: a context manager.

    The loop that heeds the signals keeps them until the end of it, when it has run, too.

    Parameters
    ----------
    loop_factory : callable, optional
        Makes the event loop.

    Attributes
    ----------
    runner : asyncio.Runner
    is_stopped : bool
        To be set when a signal has come: the process is about to end, and further ones are
        ignored from then on.
    """

    def __init__(self, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
        self.runner = asyncio.Runner(loop_factory=loop_factory)
        self.is_stopped = False
        self._before = {number: signal.getsignal(number) for number in SIGNALS}

    def __enter__(self) -> Stoppable:
        """Make the loop when it is first needed: processes are forked before."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the loop, which lets go of the signals."""
        self.runner.close()
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._before.items():
                signal.signal(number, signal.SIG_IGN if self.is_stopped else handler)
