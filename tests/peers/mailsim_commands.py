"""``mailsim serve`` and ``mailsim send`` as programs, as a user starts them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from commanding import mailsim_here
from peers.mail import PASSWORD, USER, Target
from peers.running import until
from peers.server import Certificate, Server, in_maildir
from signals import heed_signals

import mailsim as ms
from mailsim.results import Run

__all__ = ["Sent", "Served", "mailsim_serve", "send"]

_MAILSIM = (sys.executable, "-m", "mailsim")
_SCENARIO = Path(__file__).with_name("serve.yaml")
_CAN = {
    "recipients", "null_sender", "8bit", "starttls", "implicit", "PLAIN", "LOGIN", "CRAM-MD5",
    "pipelining", "chunking", "smtputf8", "dsn",
}  # fmt: skip


class Served(NamedTuple):
    """A ``mailsim serve`` that runs: as a server, and what it leaves behind."""

    server: Server
    process: subprocess.Popen[bytes]
    out: Path

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it in order; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)

    def check_balance(self) -> Run:
        """Check, once it has ended, its tables against its Maildir; return them.

        Each message in the Maildir is the delivery of one recipient, and there is no other.
        """
        tables = ms.open_run(str(self.out))
        ours = tables.deliveries.query("to_domain == 'example.net'")
        assert set(ours["fate"]) <= {"delivered"}
        assert len(ours) == len(self.server.stored())
        return tables


@contextmanager
def mailsim_serve(root: Path, certificate: Certificate) -> Iterator[Served]:
    """Serve ``mx.example.net`` of ``serve.yaml`` on two free ports of its own choice."""
    log, maildir, out = root / "serve.log", root / "maildir", root / "run"
    command: list[str | Path] = [
        *_MAILSIM, "serve", _SCENARIO, "--host", "mx.example.net",
        "--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0",
        "--cert", certificate.cert, "--key", certificate.key, "--maildir", maildir, "--out", out,
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            preexec_fn=heed_signals,
        )  # fmt: skip

    def ports() -> list[str]:
        said = log.read_text(errors="replace")
        assert process.poll() is None, f"mailsim serve ended:\n{said}"
        found = re.findall(r"listening on 127\.0\.0\.1:(\d+)", said)
        return found if len(found) == 2 else []

    try:
        port, tls_port = map(int, until(ports, "mailsim serve says its two ports"))
        stored = partial(in_maildir, maildir)
        server = Server(port, tls_port, frozenset(_CAN), stored, log)
        yield Served(server, process, out)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)
            raise


class Sent(NamedTuple):
    """What ``mailsim send`` did."""

    code: int
    summary: dict[str, Any]
    text: str


def send(target: Target, out: Path, *options: str | Path) -> Sent:
    """Send to a server with ``mailsim send``; return its JSON summary."""
    words: list[str | Path] = [
        "send", "--to", f"127.0.0.1:{target.port}", "--json", "--out", out, *options,
    ]  # fmt: skip
    if target.tls == "starttls":
        words += ["--starttls"]
    if target.mechanism:
        words += ["--auth", USER, "--password", PASSWORD]
    done = mailsim_here(*words, cwd=out.parent)
    summary = json.loads(done.out) if done.out.strip() else {}
    return Sent(done.code, summary, done.err)
