"""The ``mailsim`` command as a process: signals first, so that nothing is cut off unheard.

``python -m mailsim`` and the installed command start here; :mod:`mailsim.cli`, whose import takes
time, does the work.  SIGINT, SIGTERM and SIGHUP become exceptions, so that half-written results
are cleared away; the exit code is 128 and the number of the signal, as a shell has it.
"""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import NoReturn

from mailsim.experiment.interruption import note

__all__ = ["main"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_DEAF_S = 5.0
"""A second signal within that time of the first would only disturb the clean-up."""


def main() -> NoReturn:
    """Run the command and leave the process."""
    last = [-_DEAF_S]
    heard: list[BaseException] = []

    def stop(number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if now - last[0] < _DEAF_S:
            return
        last[0] = now
        if number != signal.SIGINT:
            sys.stderr.write("mailsim: stopped; nothing half-written is left\n")
        heard.append(KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number))
        note(heard[0])
        raise heard[0]

    code: object = 130
    try:
        for number in _SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
                signal.signal(number, stop)
        from mailsim.cli import main as command

        try:
            command()
        except Exception:
            if heard:  # a library has made it of what the signal raised
                raise heard[0] from None
            raise
    except KeyboardInterrupt:
        sys.stderr.write("mailsim: interrupted; nothing half-written is left\n")
    except SystemExit as end:
        code = end.code
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # all is done: no traceback from the way out
    sys.exit(code)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
