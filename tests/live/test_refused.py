"""Recipients that a served host refuses are in its tables, as those it takes."""

from __future__ import annotations

import shutil
import signal
import ssl
from pathlib import Path

from live.hosting import dial, hosted, talk

MAILBOXES = ("--set", "hosts.mx.example.net.mailboxes=['b*']")
BODY = b"Subject: x\r\n\r\nx\r\n.\r\n"


def fates(tables: object) -> list[tuple[int, str, str, str]]:
    """Return message, recipient, fate and reply code of each row."""
    rows = tables.deliveries  # type: ignore[attr-defined]
    codes = rows["reply"].str[:3]
    return sorted(zip(rows["message"], rows["recipient"], rows["fate"], codes, strict=True))


def test_some_recipients_are_refused(tmp_path: Path) -> None:
    with hosted(tmp_path, *MAILBOXES) as server:
        talk(
            server.port,
            b"EHLO c.example.org\r\n", b"RCPT TO:<b0@example.net>\r\n",
            b"MAIL FROM:<a@example.org>\r\n",
            b"RCPT TO:<b1@example.net>\r\n", b"RCPT TO:<nobody@example.net>\r\n",
            b"RCPT TO:<x@elsewhere.example>\r\n", b"RCPT TO:<b2@example.net>\r\n",
            b"DATA\r\n", BODY,
            b"MAIL FROM:<a@example.org>\r\n", b"RCPT TO:<no@example.net>\r\n", b"RSET\r\n",
            b"MAIL FROM:<a@example.org> SIZE=999999\r\n", b"QUIT\r\n",
        )  # fmt: skip
        tables = server.stop()
    assert fates(tables) == [
        (1, "b1@example.net", "delivered", "250"),
        (1, "b2@example.net", "delivered", "250"),
        (1, "nobody@example.net", "refused", "550"),
        (1, "x@elsewhere.example", "refused", "554"),
        (2, "no@example.net", "refused", "550"),
    ]
    counts = tables.info["counts"]
    assert (counts["submitted"], counts["delivered"], counts["refused"]) == (5, 2, 3)
    assert set(tables.deliveries["sender"]) == {"a@example.org"}


def test_a_message_too_large_is_refused_for_all(tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        large = b"Subject: x\r\n\r\n" + b"x" * 70 * 2000 + b"\r\n.\r\n"
        talk(
            server.port,
            b"EHLO c.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n"
            b"RCPT TO:<c@example.net>\r\nDATA\r\n", large, b"QUIT\r\n",
        )  # fmt: skip
        tables = server.stop()
    assert fates(tables) == [
        (1, "b@example.net", "refused", "552"),
        (1, "c@example.net", "refused", "552"),
    ]


def test_lmtp_refuses_each_on_its_own(tmp_path: Path) -> None:
    with hosted(tmp_path, *MAILBOXES, "--service", "24") as server:
        talk(
            server.port,
            b"LHLO c.example.org\r\n", b"MAIL FROM:<a@example.org>\r\n",
            b"RCPT TO:<b1@example.net>\r\n", b"RCPT TO:<no@example.net>\r\n",
            b"RCPT TO:<b2@example.net>\r\n", b"DATA\r\n",
            b"Subject: x\r\n\r\n" + b"x" * 140_000 + b"\r\n.\r\n", b"QUIT\r\n",
        )  # fmt: skip
        tables = server.stop()
    assert fates(tables) == [
        (1, "b1@example.net", "refused", "552"),
        (1, "b2@example.net", "refused", "552"),
        (1, "no@example.net", "refused", "550"),
    ]


def test_a_handshake_succeeds_whenever_the_hello_comes(tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        assert all(_quits_in_tls(server.tls_port) for _ in range(20))
        server.stop()


def _quits_in_tls(port: int) -> bool:
    """Tell whether a client is served behind its handshake."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with dial(port) as client, context.wrap_socket(client) as inside:
            assert inside.recv(1000).startswith(b"220 mx.example.net ESMTP")
            inside.sendall(b"QUIT\r\n")
            return inside.recv(1000).startswith(b"221")
    except (ssl.SSLError, ConnectionError):
        return False


def test_why_mail_cannot_be_stored_is_said_once(tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        shutil.rmtree(tmp_path / "maildir")
        for _ in range(2):
            data = talk(
                server.port,
                b"EHLO c.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\n"
                b"DATA\r\n", BODY, b"QUIT\r\n",
            )  # fmt: skip
            assert b"451 4.3.0 Error: the message could not be stored" in data
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
    said = (tmp_path / "serve.log").read_text()
    assert 1 <= said.count("mailsim: mail cannot be stored: ") <= 4, "once a process and path"
    assert "No such file or directory" in said


def test_an_lmtp_host_says_so(tmp_path: Path) -> None:
    with hosted(tmp_path, "--service", "24") as server:
        assert talk(server.port, b"QUIT\r\n").startswith(b"220 mx.example.net LMTP")
        assert "LMTP, no TLS" in (tmp_path / "serve.log").read_text()
