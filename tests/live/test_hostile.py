"""Clients that mean no good against ``mailsim serve``, and what they leave of it."""

from __future__ import annotations

import resource
import selectors
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from live.hosting import MAIL, Hosted, dial, hosted, read_all, talk

DIALOGUE = (
    b"EHLO c.example.org\r\n", b"AUTH LOGIN\r\n", b"YWxpY2U=\r\n", b"d29uZGVybGFuZA==\r\n",
    b"MAIL FROM:<a@example.org>\r\n", b"RCPT TO:<b@example.net>\r\n", b"DATA\r\n",
    b"Subject: x\r\n\r\nx\r\n.\r\n", b"MAIL FROM:<a@example.org>\r\n",
    b"RCPT TO:<b@example.net>\r\n", b"BDAT 9 LAST\r\nSubject: ", b"STARTTLS\r\n",
)  # fmt: skip
MB = 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """Run one server for all; at the end its tables must balance."""
    with hosted(tmp_path_factory.mktemp("hostile")) as running:
        yield running
        running.stop()


@pytest.fixture(autouse=True)
def _keeps_serving(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        assert request.getfixturevalue("server").serves()


def _flood(client: socket.socket, part: bytes, n: int) -> None:
    """Send a part again and again, until the server cuts us off if it does."""
    with suppress(ConnectionError, TimeoutError):
        for _ in range(n):
            client.sendall(part)


def test_slow_client_is_not_waited_for(server: Hosted) -> None:
    with dial(server.port) as client:
        client.recv(1000)
        start, data = time.monotonic(), b""
        client.settimeout(0.3)
        while time.monotonic() < start + 8:
            with suppress(TimeoutError):
                client.sendall(b"E")
                data = client.recv(1000)
                break
            assert time.monotonic() - start > 0.2
        assert data.startswith(b"421 4.4.2")
        assert time.monotonic() - start < 5
        client.settimeout(10)
        assert read_all(client) == b""


def test_client_that_never_reads_is_cut(server: Hosted) -> None:
    before = server.rss_mb()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(8)
        client.connect(("127.0.0.1", server.port))
        start = time.monotonic()
        is_cut = False
        while not is_cut and time.monotonic() < start + 20:
            try:
                client.sendall(b"EHLO client.example.org\r\n" * 4000)
            except ConnectionError:
                is_cut = True
        assert is_cut
    assert server.rss_mb() - before < 20


def test_endless_line(server: Hosted) -> None:
    before = server.rss_mb()
    with dial(server.port) as client:
        client.recv(1000)
        _flood(client, b"x" * MB, 100)
        assert server.rss_mb() - before < 20
        client.sendall(b"\r\nNOOP\r\nQUIT\r\n")
        data = read_all(client)
    assert [line[:3] for line in data.splitlines()] == [b"500", b"250", b"221"]


def test_endless_content(server: Hosted) -> None:
    before = server.rss_mb()
    with dial(server.port) as client:
        client.recv(1000)
        client.sendall(MAIL[0])
        client.recv(1000)
        _flood(client, (b"x" * 998 + b"\r\n") * 1000, 100)
        assert server.rss_mb() - before < 20
        client.sendall(b".\r\nQUIT\r\n")
        assert [line[:3] for line in read_all(client).splitlines()][-2:] == [b"552", b"221"]


def test_two_thousand_at_once(server: Hosted) -> None:
    waiting = selectors.DefaultSelector()
    clients = []
    for _ in range(2000):
        client = dial(server.port, 30)
        clients.append(client)
        waiting.register(client, selectors.EVENT_READ)
    codes: dict[bytes, int] = {}
    give_up_at = time.monotonic() + 40
    while waiting.get_map() and time.monotonic() < give_up_at:
        for key, _ in waiting.select(1):
            client = key.fileobj
            assert isinstance(client, socket.socket)
            code = client.recv(1000)[:3]
            codes[code] = codes.get(code, 0) + 1
            waiting.unregister(client)
            client.close()
    waiting.close()
    assert sum(codes.values()) == 2000
    assert set(codes) == {b"220", b"421"}
    assert codes[b"220"] >= 160  # slots and backlog


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"NO\0OP\r\n", b"500"), (b"NOOP \0\r\n", b"501"), (b"\0\r\n", b"500"),
        (b"N\xd6\xd6P\r\n", b"500"), (b"VRFY \xff\xfe\r\n", b"501"),
        (b"MAIL FROM:<\xff@a>\r\n", b"50"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", b"500"),
        (b"GET / HTTP/1.1\r\n", b"50"),
    ],
)  # fmt: skip
def test_odd_octets(line: bytes, code: bytes, server: Hosted) -> None:
    data = talk(server.port, b"EHLO c.example.org\r\n", line + b"QUIT\r\n")
    assert data.splitlines()[-2].startswith(code)


def test_plaintext_behind_starttls_is_dropped(server: Hosted) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with dial(server.port) as client:
        client.recv(1000)
        client.sendall(b"EHLO c.example.org\r\n")
        client.recv(1000)
        client.sendall(b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n")
        assert client.recv(1000).startswith(b"220 ")
        with context.wrap_socket(client) as inside:
            inside.sendall(b"QUIT\r\n")
            assert inside.recv(1000).startswith(b"221 ")


@pytest.mark.parametrize("junk", [b"", b"this is no TLS\r\n", b"\x16\x03\x01\x02\x00\x01"])
@pytest.mark.parametrize("is_implicit", [False, True])
def test_handshake_that_fails(junk: bytes, is_implicit: bool, server: Hosted) -> None:
    with dial(server.tls_port if is_implicit else server.port) as client:
        if not is_implicit:
            client.recv(1000)
            client.sendall(b"EHLO c.example.org\r\n")
            client.recv(1000)
            client.sendall(b"STARTTLS\r\n")
            client.recv(1000)
        client.sendall(junk)
        client.shutdown(socket.SHUT_WR)
        assert b"250" not in read_all(client)


def test_reply_reaches_a_client_that_goes_on_sending(tmp_path: Path) -> None:
    """RST, which would overtake it, comes only if the client does not stop."""
    with hosted(tmp_path) as server, dial(server.port) as client:
        client.recv(1000)
        client.sendall(MAIL[0])
        client.recv(1000)
        server.process.send_signal(signal.SIGTERM)
        for _ in range(8):
            client.sendall(b"x" * 60 + b"\r\n")
            time.sleep(0.05)
        assert client.recv(1000).startswith(b"421 4.3.2")
        assert client.recv(1000) == b""
        client.close()
        assert server.process.wait(30) == 0
        assert len(server.balanced().sessions) == 1


def test_client_that_does_not_stop_sending_is_cut(tmp_path: Path) -> None:
    limit = "hosts.mx.example.net.postfix.smtpd_hard_error_limit=5"
    with hosted(tmp_path, "--set", limit) as server, dial(server.port) as client:
        client.sendall(b"NO\r\n" * 30)
        start, is_cut = time.monotonic(), False
        try:
            while time.monotonic() < start + 20:
                client.sendall(b"NO\r\n")
                time.sleep(0.05)
        except ConnectionError:
            is_cut = True
        assert is_cut
        assert 0.5 < time.monotonic() - start < 10
        tables = server.stop()
    assert list(tables.sessions["outcome"].str[:9]) == ["421 4.7.0"]


@pytest.mark.parametrize("is_reset", [False, True])
def test_hangs_up_everywhere(is_reset: bool, server: Hosted) -> None:
    for n in range(len(DIALOGUE) + 1):
        for cut in (0, 4):  # after a reply, and in the middle of what comes next
            with dial(server.port) as client:
                client.recv(1000)
                for part in DIALOGUE[:n]:
                    client.sendall(part)
                    if not part.startswith(b"BDAT"):
                        client.recv(1000)
                client.sendall(b"".join(DIALOGUE[n : n + 1])[:cut])
                if is_reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    for _ in range(20):  # between the end of data and its reply
        with dial(server.port) as client:
            client.recv(1000)
            client.sendall(MAIL[0])
            client.recv(1000)
            client.sendall(MAIL[1])


def test_reconnect_storm(server: Hosted) -> None:
    for _ in range(1000):
        dial(server.port).close()


def test_half_closed_client_gets_its_replies(server: Hosted) -> None:
    with dial(server.port) as client:
        client.sendall(b"".join(MAIL) + b"QUIT\r\n")
        client.shutdown(socket.SHUT_WR)
        data = read_all(client)
    assert b"Ok: queued" in data
    assert data.splitlines()[-1].startswith(b"221 ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_in_mid_transaction(number: signal.Signals, tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        idle, storing = dial(server.port), dial(server.port)
        with idle, storing:
            idle.recv(1000)
            storing.recv(1000)
            storing.sendall(MAIL[0])
            storing.recv(1000)
            storing.sendall(MAIL[1] + MAIL[0].partition(b"\n")[2] + MAIL[1])
            time.sleep(0.05)
            tables = server.stop(number)
            assert read_all(idle).startswith(b"421 4.3.2")
            data = read_all(storing)
            assert data.count(b"Ok: queued") == len(tables.deliveries)
            assert len(tables.sessions) == 2


def test_connections_are_sessions(tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        for n in range(30):
            talk(server.port, *DIALOGUE[: n % 4])
        assert len(server.stop().sessions) == 30


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_room_for_mail(tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        for pid in server.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (40, resource.RLIM_INFINITY))
        data = talk(server.port, *MAIL)
        assert data.splitlines()[-1].startswith(b"452 4.3.1")
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        for pid in server.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        assert server.serves()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
        assert len(server.balanced().deliveries) == 1


def test_lmtp_answers_for_each_recipient(tmp_path: Path) -> None:
    with hosted(tmp_path, "--service", "24") as server:
        two = MAIL[0].replace(b"EHLO", b"LHLO").replace(b"DATA", b"RCPT TO:<c@example.net>\r\nDATA")
        data = talk(server.port, two, MAIL[1])
        assert data.count(b"Ok: queued") == 2
        assert len(server.stop().deliveries) == 2
