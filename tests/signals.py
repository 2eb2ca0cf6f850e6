"""Processes that start with the signals of a shell's foreground job, whatever started the tests."""

from __future__ import annotations

import signal

__all__ = ["heed_signals"]


def heed_signals() -> None:
    """Heed SIGINT, SIGHUP and SIGTERM: ``preexec_fn`` of a program that is to be signalled.

    A background job or one under nohup ignores some of them, and so would all that it starts.
    """
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
