"""LMTP (RFC 2033): one reply per recipient after the content."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    CONTENT,
    DATA,
    ENVELOPE,
    MAIL,
    RCPT,
    ask,
    client_in_ready,
    codes,
    connected,
    delivered,
    greeted,
    said,
    verbs_of,
)

from mailsim.message import Content, Envelope
from mailsim.smtp import Chunk, ClientSession, Command, Reply, State

LHLO = Command("LHLO", "office.example.org")
LAST = Chunk(CONTENT, is_last=True)
THREE = Envelope("a@example.org", ("b@x", "c@x", "d@x"))
LMTP: dict[str, object] = {"is_lmtp": True, "tls": "none"}


@pytest.mark.row("X-LMTP")
def test_lhlo_stands_for_ehlo() -> None:
    lmtp = said(greeted(**LMTP), Command("EHLO", "x"), Command("HELO", "x"), LHLO)
    assert [reply.code for reply in lmtp] == [500, 500, 250]
    assert {"PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME"} <= set(lmtp[2].lines)
    assert codes(greeted(), LHLO) == [502]
    server = greeted(**LMTP)
    said(server, LHLO)
    assert server.protocol == "LMTP"


@pytest.mark.row("X-LMTP")
def test_data_without_a_recipient_is_503() -> None:
    server = greeted(**LMTP)
    assert codes(server, LHLO, MAIL, DATA, LAST) == [250, 250, 503, 503]
    assert server.state is State.MAIL


@pytest.mark.row("X-LMTP")
@pytest.mark.parametrize("last", [CONTENT, LAST])
def test_a_server_owes_one_reply_per_accepted_recipient(last: Content | Chunk) -> None:
    server = greeted(**LMTP)
    said(server, LHLO, MAIL, RCPT, RCPT, RCPT)
    if last is CONTENT:
        said(server, DATA)
    assert server.receive(last) is None
    for code in (250, 452, 250):
        assert server.awaited
        assert server.content == CONTENT
        assert server.reply(Reply(code)).code == code
    assert (server.awaited, server.content, server.state) == ("", None, State.READY)


@pytest.mark.row("X-LMTP")
def test_421_ends_the_replies() -> None:
    server = greeted(**LMTP)
    said(server, LHLO, MAIL, RCPT, RCPT, DATA)
    assert server.receive(CONTENT) is None
    server.reply(Reply(421))
    assert (server.awaited, server.state) == ("", State.CLOSED)


@pytest.mark.row("X-LMTP")
@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (b"DATA\r\n" + b"x" * 200 + b"\r\n.\r\n", "552 5.3.4 Message size exceeds fixed limit"),
        (b"BDAT 200 LAST\r\n" + b"x" * 200, "552 5.3.4 Message size exceeds fixed limit"),
        (b"DATA\r\na\nb\r\n.\r\n", "550 5.5.2 Error: bare <LF> or <CR> received"),
        (b"BDAT 3 LAST\r\na\nb", "550 5.5.2 Error: bare <LF> or <CR> received"),
    ],
)
def test_a_refused_content_is_refused_for_each(content: bytes, reply: str, n: int) -> None:
    start = b"LHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n"
    connection = connected(start, max_message_size=100, line_endings="strict", **LMTP)
    replies = ask(connection, content + b"NOOP\r\n", n)
    assert [line for line in replies if line[0] != "3"] == [reply, reply, "250 2.0.0 Ok"]


@pytest.mark.row("X-LMTP")
def test_a_chunk_that_is_not_the_last_has_one_reply() -> None:
    server = greeted(max_message_size=100, **LMTP)
    chunk = Chunk(Content.from_bytes(b"x" * 80), is_last=False)
    assert codes(server, LHLO, MAIL, RCPT, RCPT, chunk, chunk) == [250] * 5 + [552]
    assert codes(server, LAST, Command("RSET")) == [503, 250]


def lmtp_client(*offers: str, **options: object) -> ClientSession:
    return client_in_ready(*offers, is_lmtp=True, tls="none", **options)


@pytest.mark.row("X-LMTP")
@pytest.mark.parametrize("offers", [(), ("PIPELINING",), ("CHUNKING",), ("PIPELINING", "CHUNKING")])
def test_a_client_reads_one_reply_per_accepted_recipient(offers: tuple[str, ...]) -> None:
    client = lmtp_client(*offers, chunking=True)
    transaction = client.begin(THREE, CONTENT)
    answers = {"MAIL": [250], "RCPT": [250, 550, 251], "DATA": [354], "Content": [250, 452]}
    answers["Chunk"] = answers["Content"]
    verbs = []
    while flight := client.flight():
        for verb in verbs_of(flight):
            verbs.append(verb)
            for _ in range(2 if verb in ("Content", "Chunk") else 1):
                assert transaction.final is None
                client.receive(Reply(answers[verb].pop(0)))
    end = ["Chunk"] if "CHUNKING" in offers else ["DATA", "Content"]
    assert verbs == ["MAIL", "RCPT", "RCPT", "RCPT", *end]
    assert [transaction.reply_to(i).code for i in range(3)] == [250, 550, 452]
    assert (client.state, client.owed) == (State.READY, 0)


@pytest.mark.row("X-LMTP")
def test_a_client_says_lhlo_and_nothing_older() -> None:
    transaction, verbs, server = delivered(
        ("b@x", "c@x"), server_options=LMTP, is_lmtp=True, tls="none"
    )
    assert verbs == ["LHLO", "MAIL", "RCPT", "RCPT", "DATA", "Content"]
    assert [transaction.reply_to(i).code for i in (0, 1)] == [250, 250]
    assert server.state is State.READY
    refused, verbs, _ = delivered(server_options={"tls": "none"}, is_lmtp=True, tls="none")
    assert (verbs, refused.reply_to(0).code) == (["LHLO"], 502)


@pytest.mark.row("X-LMTP")
def test_a_connection_lost_between_the_replies() -> None:
    client = lmtp_client()
    transaction = client.begin(THREE, CONTENT)
    for code in (250, 250, 250, 250, 354, 250):
        client.flight()
        client.receive(Reply(code))
    client.lost()
    assert [transaction.reply_to(i).code for i in range(3)] == [250, 451, 451]


@pytest.mark.row("X-LMTP")
def test_no_recipient_left() -> None:
    client = lmtp_client("PIPELINING")
    transaction = client.begin(ENVELOPE, CONTENT)
    client.flight()
    for code in (250, 550, 503):
        client.receive(Reply(code))
    assert transaction.reply_to(0).code == 550
    again = client.begin(ENVELOPE, CONTENT)
    client.flight()
    client.receive(Reply(250))
    client.flight()
    for code in (250, 550, 354):
        client.receive(Reply(code))
    (content,) = client.flight()
    assert isinstance(content, Content)
    assert content.size == 0
    client.receive(Reply(503))
    assert again.reply_to(0).code == 550


@pytest.mark.row("X-LMTP")
def test_a_message_in_several_chunks() -> None:
    options = {**LMTP, "extension_names": ("PIPELINING", "CHUNKING", "ENHANCEDSTATUSCODES")}
    transaction, verbs, _ = delivered(
        ("b@x", "c@x"),
        server_options=options,
        is_lmtp=True,
        tls="none",
        chunking=True,
        chunk_bytes=500,
    )
    assert verbs == ["LHLO", "MAIL", "RCPT", "RCPT", "Chunk", "Chunk", "Chunk"]
    assert [transaction.reply_to(i).code for i in (0, 1)] == [250, 250]
