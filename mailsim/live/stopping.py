"""Signals that ask a program on an event loop to stop: heeded by the loop, not amid its work."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

__all__ = ["SIGNALS", "on_signal"]

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
