"""Programs that run while a test does: started, waited for, ended by their own process id."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

__all__ = ["free_port", "run", "running", "until"]

T = TypeVar("T")
_START_S = 20.0
_STOP_S = 20.0
_PORTS = range(10_240, 32_768)  # below those that Linux gives to outgoing connections


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    draws = random.Random(os.urandom(8))
    while True:
        port = draws.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def until(look: Callable[[], T], what: str, seconds: float = _START_S) -> T:
    """Look again and again until there is something to see; return it.

    Raises
    ------
    AssertionError
        If it takes longer than that many seconds.
    """
    give_up_at = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < give_up_at, f"not within {seconds:g} s: {what}"
        time.sleep(0.01)
    return seen


def greets(port: int) -> bool:
    """Return whether a server says 220 on a port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            is_greeting = connection.recv(3) == b"220"
            # A server counts a client that just leaves as an error.
            connection.sendall(b"QUIT\r\n")
            while connection.recv(1000):
                pass
            return is_greeting
    except OSError:
        return False


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    port: int,
    stop: Callable[[], object] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server that stays in the foreground, from its greeting on.

    Parameters
    ----------
    command : sequence of str or Path
    log : Path
        Where what it prints goes.
    port : int
        Where it greets.
    stop : callable, optional
        What ends it; SIGTERM if not given.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent
        )
    try:
        until(
            lambda: process.poll() is not None or greets(port),
            f"{command[0]} greets on port {port}",
        )
        assert process.poll() is None, f"{command[0]} ended:\n{log.read_text(errors='replace')}"
        yield process
    finally:
        if process.poll() is None:
            (stop or process.terminate)()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_S)
            raise


def run(
    command: Sequence[str | Path], given: bytes = b"", seconds: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end; both its outputs come as ``stdout``."""
    return subprocess.run(
        command,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
        check=False,
    )
