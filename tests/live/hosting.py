"""A ``mailsim serve`` to be treated badly, and how to look at what is left of it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from peers.running import until
from peers.server import in_maildir
from signals import heed_signals

import mailsim as ms
from mailsim.results import Run

__all__ = [
    "MAIL",
    "SCENARIO",
    "Hosted",
    "command",
    "dial",
    "hosted",
    "read_all",
    "send_until_gone",
    "talk",
]

SCENARIO = Path(__file__).with_name("hostile.yaml")
MAIL = (
    (b"EHLO client.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n"
    b"DATA\r\n"), b"Subject: hello\r\n\r\nHello.\r\n.\r\n",
)  # fmt: skip


def command(*words: str | Path) -> list[str]:
    """Return a command line of mailsim."""
    return [sys.executable, "-m", "mailsim", *map(str, words)]


def dial(port: int, timeout_s: float = 10) -> socket.socket:
    """Connect; return the socket."""
    return socket.create_connection(("127.0.0.1", port), timeout=timeout_s)


def read_all(client: socket.socket) -> bytes:
    """Return what comes until the server closes, in whichever way."""
    data = b""
    try:
        while octets := client.recv(65_536):
            data += octets
    except ConnectionError:
        pass
    return data


def talk(port: int, *parts: bytes) -> bytes:
    """Say each part after the reply to the one before, hang up; return all that came."""
    with dial(port) as client:
        data = client.recv(1000)
        for part in parts:
            client.sendall(part)
            data += client.recv(65_536)
        client.shutdown(socket.SHUT_WR)
        return data + read_all(client)


def send_until_gone(process: subprocess.Popen[Any], number: signal.Signals) -> None:
    """Send a signal again and again, as somebody who is in a hurry, until the process ends."""
    give_up_at = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < give_up_at:
        process.send_signal(number)
        time.sleep(0.005)


class Hosted(NamedTuple):
    """A server that runs."""

    port: int
    tls_port: int
    process: subprocess.Popen[bytes]
    root: Path

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        pid = self.process.pid
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def rss_mb(self) -> float:
        """Return the memory of all its processes."""
        pids = (self.process.pid, *self.workers())
        statuses = [Path(f"/proc/{n}/status").read_text() for n in pids]
        return sum(int(s.partition("VmRSS:")[2].split()[0]) for s in statuses) / 1024

    def serves(self) -> bool:
        """Tell whether it still takes a message, and says so."""
        data = talk(self.port, MAIL[0], MAIL[1], b"QUIT\r\n")
        return b"Ok: queued" in data and b"221 " in data

    def stop(self, number: signal.Signals = signal.SIGTERM) -> Run:
        """End it; check that its tables balance, and return them."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        log = (self.root / "serve.log").read_text()
        assert code == (0 if number == signal.SIGTERM else 128 + number), log
        assert "Traceback" not in log
        assert number != signal.SIGTERM or "mailsim:" not in log
        return self.balanced()

    def balanced(self) -> Run:
        """Check the tables against each other and the Maildir."""
        tables = ms.open_run(str(self.root / "run"))
        taken = tables.deliveries[tables.deliveries["fate"] == "delivered"]
        assert len(taken) == len(in_maildir(self.root / "maildir"))
        assert tables.info["counts"]["submitted"] == len(tables.deliveries)
        sessions, queues = tables.sessions, tables.queues
        assert sessions["session"].is_unique
        assert (queues["depth"] >= 0).all()
        assert (queues.groupby("queue")["depth"].last() == 0).all()
        for message in set(tables.deliveries["message"][-1:]):
            done = subprocess.run(
                command("transcript", self.root / "run", "--message", str(message)),
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert "RCPT TO:" in done.stdout
        return tables


@contextmanager
def hosted(root: Path, *options: str | Path) -> Iterator[Hosted]:
    """Serve ``mx.example.net`` of ``hostile.yaml`` on two free ports."""
    log = root / "serve.log"
    words = command(
        "serve", SCENARIO, "--host", "mx.example.net", "--listen", "127.0.0.1:0",
        "--listen-tls", "127.0.0.1:0", "--maildir", root / "maildir", "--out", root / "run",
        *options,
    )  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output, preexec_fn=heed_signals)

    def ports() -> list[str]:
        said = log.read_text()
        assert process.poll() is None, said
        found = re.findall(r"listening on 127\.0\.0\.1:(\d+)", said)
        return found if len(found) == 2 else []

    try:
        port, tls_port = until(ports, "mailsim serve says its two ports")
        yield Hosted(int(port), int(tls_port), process, root)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)
