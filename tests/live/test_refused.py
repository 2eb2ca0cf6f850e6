"""Recipients that a served host refuses are in its tables, as those it takes."""

from __future__ import annotations

from pathlib import Path

from live.hosting import hosted, talk

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
