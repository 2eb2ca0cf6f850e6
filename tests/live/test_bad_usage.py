"""Whatever is wrong with how ``mailsim serve`` and ``send`` are used: one clear line."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from commanding import mailsim_here
from live.hosting import SCENARIO, command, hosted, send_until_gone
from peers.running import until
from peers.server import make_certificate
from signals import heed_signals

import mailsim as ms

EHLO = b"250-mx.example.net\r\n250 AUTH PLAIN\r\n"
SAYS: dict[str, tuple[list[bytes], list[str], str]] = {
    "554 greeting": ([b"554 no\r\n"], [], "554"),
    "421 greeting": ([b"421 later\r\n"], [], "421"),
    "EHLO": ([b"220 x\r\n", b"550 no\r\n", b"550 no\r\n"], [], "550"),
    "AUTH": ([b"220 x\r\n", EHLO, b"535 5.7.8 no\r\n"], ["--auth", "a", "--password", "b"], "535"),
    "no TLS": ([b"220 x\r\n", b"250 mx.example.net\r\n"], ["--starttls"], "TLS is required"),
    "garbage": ([b"SSH-2.0-OpenSSH_9.2\r\n"], [], "protocol"),
    "octets": ([b"\x00\xff\xfe\r\n\r\n"], [], "protocol"),
    "hangs up": ([], [], "lost connection"),
    "hangs up after greeting": ([b"220 x\r\n"], [], "lost connection"),
    "hangs up after EHLO": ([b"220 x\r\n", b"250 x\r\n"], [], "lost connection"),
    "hangs up after MAIL": ([b"220 x\r\n", b"250 x\r\n", b"250 x\r\n"], [], "lost connection"),
    "hangs up in a reply": ([b"220 x\r\n", b"250-x\r\n"], [], "lost connection"),
    "hangs up in DATA": ([b"220 x\r\n", b"250 x\r\n", b"250 x\r\n", b"250 x\r\n", b"354 x\r\n"],
                         [], "lost connection"),
    "silent": ([b""], ["--timeout", "0.3s"], "timeout"),
}  # fmt: skip


def run(*words: str | Path, cwd: Path) -> tuple[int, str]:
    done = mailsim_here(*words, cwd=cwd)
    assert "Traceback" not in done.err
    assert "never retrieved" not in done.err
    return done.code, done.err


def one_line(text: str) -> bool:
    return len(text.strip().splitlines()) == 1


@contextmanager
def scripted(says: list[bytes]) -> Iterator[int]:
    """Run a server that says the lines, one after each that it hears; then it hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                client, _ = server.accept()
                with client:
                    for i, line in enumerate(says):
                        if i:
                            client.recv(65_536)
                        client.sendall(line)
                        if not line:
                            time.sleep(3)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("name", SAYS)
def test_server_that_refuses_us(name: str, tmp_path: Path) -> None:
    says, options, text = SAYS[name]
    with scripted(says) as port:
        code, said = run(
            "send", "--to", f"127.0.0.1:{port}", "--rcpt", "b@example.net", "-q", "--out", "run",
            *options, cwd=tmp_path,
        )  # fmt: skip
    assert code == 1, said
    assert one_line(said), said
    assert text in said
    assert run("show", "run", cwd=tmp_path)[0] == 0
    if text.isdecimal():
        attempt = ms.open_run(str(tmp_path / "run")).attempts.iloc[0]
        assert attempt["code"] == int(text)
        assert attempt["reply"] in says[-1].decode()


def test_a_reply_octet_by_octet_is_not_waited_for(tmp_path: Path) -> None:
    """Nor a handshake that never comes: --timeout is for a whole reply."""
    dripped: list[int] = []

    def drip(client: socket.socket) -> None:
        for _ in range(100):
            client.sendall(b"220-still there\r\n")
            dripped.append(1)
            time.sleep(0.1)

    def no_handshake(client: socket.socket) -> None:
        for line in (b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n"):
            client.sendall(line)
            client.recv(1000)
        while client.recv(1000):
            pass

    for behave, word in ((drip, "timeout"), (no_handshake, "SSL handshake")):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def serve(behave: Callable[[socket.socket], None] = behave) -> None:
                client, _ = server.accept()
                with client, suppress(OSError):
                    behave(client)

            thread = threading.Thread(target=serve)
            thread.start()
            to = f"127.0.0.1:{server.getsockname()[1]}"
            words = ["send", "--to", to, "-t", "b@example.net", "-q", "--timeout", "1s"]
            code, said = run(*words, "--starttls", cwd=tmp_path)
            thread.join()
        assert code == 1
        assert word in said
    assert len(dripped) < 100, "it has left before the server was done"


def test_brackets_around_ipv6(tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    words = command("serve", SCENARIO, "--host", "mx.example.net", "--listen", "[::1]:0")
    with log.open("wb") as output:
        process = subprocess.Popen([*words, "--out", tmp_path / "run"], stderr=output)
    try:
        found = re.compile(r"listening on (\[::1\]:\d+): STARTTLS, AUTH PLAIN LOGIN; loopback only")
        where = until(lambda: found.findall(log.read_text()), "it says where it listens")[0]
        code, said = run("send", "--to", where, "-t", "b@example.net", "-q", cwd=tmp_path)
        assert code == 0, said
    finally:
        process.terminate()
        assert process.wait(30) == 0
    assert len(ms.open_run(str(tmp_path / "run")).deliveries) == 1


def test_closed_port(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        to = f"127.0.0.1:{probe.getsockname()[1]}"
        code, said = run("send", "--to", to, "--rcpt", "b@example.net", "-q", cwd=tmp_path)
    assert code == 1
    assert one_line(said), said
    assert "refused" in said.lower()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--rcpt", "nobody"], "--rcpt"),
        (["--rcpt", "b@example.net", "--size", "10"], "--size"),
        (["--rcpt", "b@example.net", "--message", "missing.eml"], "missing.eml"),
        (["--rcpt", "b@example.net", "--timeout", "soon"], "--timeout"),
        (["--rcpt", "b@example.net", "--to", "nowhere"], "--to"),
        (["--rcpt", "b@example.net", "--from", "x y"], "--from"),
        (["--rcpt", "b@example.net", "--mechanism", "GSSAPI"], "--mechanism"),
        (["--rcpt", "b@example.net", "--starttls", "--no-tls"], "exclude"),
        (["--rcpt", "b@example.net", "--out", "."], "--out"),
        (["--rcpt", "b@example.net", "--timeout", "0s"], "--timeout: expected a time above 0 s"),
        (["--rcpt", "b@example.net", "--password", "x"], "--password: no effect without --auth"),
        (["--rcpt", "b@example.net", "--mechanism", "plain"], "--mechanism: no effect without"),
        (["--rcpt", "b@example.net", "--verify", "--no-tls"], "--verify: no effect with --no-tls"),
        (
            ["--rcpt", "b@example.net", "--size", "1 kB", "--message", "something"],
            "--size: no effect with --message",
        ),
    ],
)
def test_bad_send(options: list[str], text: str, tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    code, said = run("send", "--to", "127.0.0.1:9", *options, cwd=tmp_path)
    assert code == 2, said
    assert one_line(said), said
    assert text in said


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--host", "mx.example.nte"], "did you mean 'mx.example.net'"),
        (["--listen", "nonsense"], "--listen"),
        (["--listen", "127.0.0.1:99999"], "--listen"),
        (["--listen", "::1:0"], "--listen: expected ADDR:PORT such as 127.0.0.1:2525 or [::1]"),
        (["--listen", "[::1:0"], "--listen: expected"),
        (["--listen", "[]:0"], "--listen: expected"),
        (["--listen", "192.0.2.1:0"], "cannot listen"),
        (["--service", "26"], "--service"),
        (["--service", "0"], "--service 0"),
        (["--key", "file"], "expected --cert too"),
        (["--cert", "missing.pem"], "missing.pem: cannot be read"),
        (["--cert", "file"], "no certificate"),
        (["--cert", "cert.pem", "--key", "other/key.pem"], "no certificate with a fitting key"),
        (["--maildir", "."], "no Maildir"),
        (["--maildir", "file/x"], "cannot be used"),
        (["--maildir", "file"], "no mbox"),
        (["--out", "."], "--out"),
        (["--cert", "cert.pem", "--service", "24"], "--cert: no effect, port 24 of mx.example.net"),
    ],
)
def test_bad_serve(options: list[str], text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello\n")
    (tmp_path / "other").mkdir()
    if "cert.pem" in options:
        make_certificate(tmp_path)
        make_certificate(tmp_path / "other")
    words = ["serve", SCENARIO, "--host", "mx.example.net"]
    if "--listen" not in options:
        words += ["--listen", "127.0.0.1:0"]
    code, said = run(*words, *options, cwd=tmp_path)
    assert code == 2, said
    assert one_line(said), said
    assert text in said
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_same_port_twice(workers: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        where = f"127.0.0.1:{free.getsockname()[1]}"
    words = ["serve", SCENARIO, "--host", "mx.example.net", "--workers", workers]
    code, said = run(*words, "--listen", where, "--listen-tls", where, cwd=tmp_path)
    assert code == 2, said
    assert said.strip() == f"cannot listen on {where}: the port is in use"


def test_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        code, said = run(
            "serve", SCENARIO, "--host", "mx.example.net", "--listen", where, cwd=tmp_path
        )
    assert code == 2
    assert said.strip() == f"cannot listen on {where}: the port is in use"
    assert not list(tmp_path.glob("results/*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_send_that_is_stopped_keeps_what_it_has(number: signal.Signals, tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        words = ["send", "--to", f"127.0.0.1:{server.port}", "-t", "b@example.net", "--json"]
        with subprocess.Popen(
            command(*words, "-m", "1000000", "-s", "3", "--out", tmp_path / "sent"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_signals,
        ) as process:  # fmt: skip
            until(lambda: list((tmp_path / "maildir" / "new").iterdir()), "the first has arrived")
            process.send_signal(number)
            said, errors = process.communicate(timeout=30)
        assert process.returncode == 128 + number
        lines = [line for line in errors.splitlines() if line.startswith("mailsim")]
        assert len(lines) == 1
        assert "Traceback" not in errors
        assert "never retrieved" not in errors
        n = json.loads(said)["sent"]
        assert lines[0] == f"mailsim: stopped; {1_000_000 - n} of 1000000 not sent"
        assert len(ms.open_run(str(tmp_path / "sent")).deliveries) == n
        tables = server.stop()
    assert (tables.deliveries["fate"] == "delivered").sum() >= n > 0


def test_send_that_is_stopped_in_a_hurry_keeps_what_it_has(tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        words = ["send", "--to", f"127.0.0.1:{server.port}", "-t", "b@example.net", "-q"]
        with subprocess.Popen(
            command(*words, "-m", "1000000", "-s", "3", "--out", tmp_path / "sent"),
            stderr=subprocess.PIPE, text=True, preexec_fn=heed_signals,
        ) as process:  # fmt: skip
            until(lambda: list((tmp_path / "maildir" / "new").iterdir()), "the first has arrived")
            send_until_gone(process, signal.SIGINT)
            errors = process.communicate(timeout=30)[1]
        server.stop()
    assert process.returncode == 130
    assert errors.startswith("mailsim: stopped; ")
    assert len(ms.open_run(str(tmp_path / "sent")).deliveries) > 0


def test_send_that_is_stopped_while_the_server_is_silent(tmp_path: Path) -> None:
    with scripted([b"220 x\r\n", b""]) as port:
        words = command("send", "--to", f"127.0.0.1:{port}", "-t", "b@example.net", "-q")
        with subprocess.Popen(
            [*words, "--out", tmp_path / "sent"], stderr=subprocess.PIPE, text=True,
            preexec_fn=heed_signals,
        ) as process:  # fmt: skip
            until(lambda: list(tmp_path.glob(".*.part")), "it has begun")
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            errors = process.communicate(timeout=30)[1]
    assert process.returncode == 143
    assert errors == "mailsim: stopped; 1 of 1 not sent\n"
    assert ms.open_run(str(tmp_path / "sent")).sessions["outcome"].str.contains("451 4.4.2").all()


def test_replies_that_nobody_gave_are_not_counted_as_replies(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        to = f"127.0.0.1:{probe.getsockname()[1]}"
        words = command("send", "--to", to, "-t", "b@example.net", "--json", "--out", "sent")
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    figures = json.loads(done.stdout)
    assert (figures["replies"], figures["unanswered"]) == ({}, 1)
    assert ms.open_run(str(tmp_path / "sent")).attempts["code"].isna().all()
