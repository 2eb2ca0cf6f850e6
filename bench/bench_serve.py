"""``mailsim serve`` next to aiosmtpd, under Postfix's ``smtp-source``: ``make bench``.

Both are processes of their own on loopback and drop what they take; their rounds take turns, so
that a machine whose speed drifts slows both.  Best of three.  ``smtp-source`` runs on the same
machine and takes its share of it, so the ratios are those of the whole, not of the servers alone.
Ours records every session, delivery and depth, and with its default ``--events`` every line.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
N = 5000
ROUNDS = 3
WAYS = {"one message per connection": (), "-d: connections reused": ("-d",)}
TARGET = 4.0
FLAT_KB = 10 * 1024
_ENV = {**os.environ, "PYTHONPATH": str(HERE.parent)}
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])


class _Running(NamedTuple):
    port: int
    process: subprocess.Popen[bytes]

    def rss_kb(self) -> int:
        """Return the memory of the process and its workers."""
        pid = self.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        statuses = [Path(f"/proc/{n}/status").read_text() for n in (pid, *workers)]
        return sum(int(s.partition("VmRSS:")[2].split()[0]) for s in statuses)


@contextmanager
def _running(command: list[str], log: Path, ready: str) -> Iterator[re.Match[str]]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=_ENV)
    try:
        give_up_at = time.monotonic() + 20
        while (found := re.search(ready, log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up_at, log.read_text()
            time.sleep(0.02)
        yield _Running(int(found[1]) if found.groups() else int(command[-1]), process)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def mailsim_serve(root: Path, *options: str) -> Iterator[_Running]:
    """Run ``mailsim serve`` with the host of ``serve.yaml``."""
    command = [
        sys.executable, "-m", "mailsim", "serve", str(HERE / "serve.yaml"),
        "--host", "mx.example.net", "--listen", "127.0.0.1:0", "--out", str(root / "run"), *options,
    ]  # fmt: skip
    with _running(command, root / "serve.log", r"listening on 127\.0\.0\.1:(\d+)") as running:
        yield running


@contextmanager
def aiosmtpd_drop(root: Path) -> Iterator[_Running]:
    """Run aiosmtpd."""
    command = [sys.executable, str(HERE / "aiosmtpd_drop.py"), "18025"]
    with _running(command, root / "aiosmtpd.log", "ready") as running:
        yield running


@pytest.fixture(scope="module")
def source() -> Callable[..., float]:
    """Return what sends n messages to a port with smtp-source, and says how many a second."""
    program = shutil.which("smtp-source", path=_PATH)
    if program is None:
        pytest.skip("no smtp-source: Debian package postfix")

    def send(port: int, *options: str, n: int = N) -> float:
        command = [
            program, "-s", "10", "-m", str(n), "-f", "a@example.org", "-t", "b@example.net",
            *options, f"127.0.0.1:{port}",
        ]  # fmt: skip
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        assert not done.stderr, done.stderr
        return n / (time.perf_counter() - start)

    return send


def test_serve_rate(source: Callable[..., float], tmp_path: Path) -> None:
    """Ours takes at least four times as many messages a second as aiosmtpd."""
    silent = tmp_path / "silent"
    silent.mkdir()
    rates: dict[tuple[str, str], list[float]] = {}
    with (
        mailsim_serve(tmp_path) as ours,
        mailsim_serve(silent, "--no-events") as quiet,
        aiosmtpd_drop(tmp_path) as theirs,
    ):
        servers = {"mailsim": ours, "mailsim --no-events": quiet, "aiosmtpd": theirs}
        for server in servers.values():
            source(server.port, n=500)
        for _ in range(ROUNDS):
            for way, options in WAYS.items():
                for name, server in servers.items():
                    rates.setdefault((way, name), []).append(source(server.port, *options))
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    ratios = {}
    for way in WAYS:
        unit = max(rates[way, "aiosmtpd"])
        for name in servers:
            best = max(rates[way, name])
            ratios[way, name] = best / unit
            print(f"{way:<27} {name:<20} {best:8.0f} messages/s {best / unit:6.2f}")
    short = {key: ratio for key, ratio in ratios.items() if key[1] == "mailsim" and ratio < TARGET}
    assert not short, f"less than {TARGET} times aiosmtpd: {short}"


def test_memory_is_flat(source: Callable[..., float], tmp_path: Path) -> None:
    """Memory does not grow over 100 000 messages, once the first 10 000 have warmed it up.

    Each sample has in it the rows of up to a second, so the middle of five is compared.
    """
    with mailsim_serve(tmp_path) as ours:
        sizes = []
        for i in range(11):
            source(ours.port, *(("-d",) if i % 2 else ()), n=10_000)
            sizes.append(ours.rss_kb())
    print("\nMB after each 10 000 messages: " + " ".join(f"{kb / 1024:.0f}" for kb in sizes))
    assert median(sizes[6:]) - median(sizes[1:6]) <= FLAT_KB
