"""aiosmtpd under its own Controller, with a handler that drops all mail: what we compare with."""

from __future__ import annotations

import signal
import sys
from typing import Any

from aiosmtpd.controller import Controller


class _Dropper:
    """Takes what comes."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return "250 2.0.0 Ok"


def main(port: int) -> None:
    """Serve until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    controller = Controller(_Dropper(), hostname="127.0.0.1", port=port)
    controller.start()
    print("ready", file=sys.stderr, flush=True)
    signal.sigwait({signal.SIGTERM})
    controller.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
