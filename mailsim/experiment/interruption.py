"""A signal that asks to stop: heeded at a pause of the run, and again where that was swallowed.

What a signal raises comes up wherever the program is.  In compiled code that can be within a
product of whole numbers, which knows no failure but want of memory, and there the process dies.
So during a run signals wait for its next pause, which comes several times a second.

Libraries catch more than is theirs: pydantic makes an error of its own of what a signal raises, a
callback of C code none at all.  It is raised again.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["insist", "note", "waiting_signals"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE_S = 3.0
"""Whoever asks again after that time is heeded at once: no pause may ever come."""
_heard: list[BaseException] = []


def note(error: BaseException | None) -> None:
    """Keep what a signal is about to raise; None forgets it."""
    _heard[:] = [] if error is None else [error]


def insist() -> None:
    """Raise what a signal has raised before; called now and then during long work."""
    if _heard:
        raise _heard[0]


@contextmanager
def waiting_signals() -> Iterator[Callable[[], None]]:
    """Let signals wait for a pause; what this gives is to be called at each, and heeds them.

    In a thread that is not the main one none come, so nothing is done.
    """
    waiting: list[tuple[int, float]] = []
    before = {}
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        before = {number: handler for number, handler in handlers.items() if callable(handler)}

    def wait(number: int, frame: FrameType | None) -> None:
        now_s = time.monotonic()
        if waiting and now_s - waiting[0][1] > _PATIENCE_S:
            before[signal.Signals(number)](number, frame)
        waiting.append((number, now_s))

    def pause() -> None:
        insist()
        while waiting:
            number, _ = waiting.pop(0)
            before[signal.Signals(number)](number, None)

    for number in before:
        signal.signal(number, wait)
    try:
        yield pause
        pause()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
