"""CHUNKING (RFC 3030 section 2)."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    CONTENT,
    DATA,
    EHLO,
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

pytestmark = pytest.mark.row("X-CHUNKING")
START = b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
CHUNK_OK = "250 2.0.0 Ok: chunk received"
OK = "250 2.0.0 Ok"
TOO_LARGE = "552 5.3.4 Message size exceeds fixed limit"
SYNTAX = "421 4.5.4 Syntax: BDAT count [LAST]"
RSET = Command("RSET")
WAYS = pytest.mark.parametrize("n", [0, 1], ids=["whole", "bytewise"])


def chunk(data: bytes, *, is_last: bool = False) -> Chunk:
    return Chunk(Content.from_bytes(data), is_last)


@WAYS
@pytest.mark.parametrize(
    ("data", "replies"),
    [
        (b"BDAT 3\r\nabcBDAT 2 LAST\r\n\r\nNOOP\r\n", [CHUNK_OK, OK, OK]),
        (b"bdat 3  last \r\nabcNOOP\r\n", [OK, OK]),
        (b"BDAT 3 LAST\t\r\nabcNOOP\r\n", [OK, OK]),
        (b"BDAT 0 LAST\r\nNOOP\r\n", [OK, OK]),
        (b"BDAT 0\r\nBDAT 7\r\nBDAT 3\nBDAT 0 LAST\r\n", [CHUNK_OK, CHUNK_OK, OK]),
        (b"BDAT 12 LAST\r\n\r\n.\r\nQUIT\r\n.NOOP\r\n", [OK, OK]),
    ],
)
def test_exactly_n_octets_whatever_they_are(data: bytes, replies: list[str], n: int) -> None:
    assert ask(connected(START), data, n) == replies


@WAYS
@pytest.mark.parametrize(
    "line",
    [
        "BDAT", "BDAT ", "BDAT x", "BDAT -1", "BDAT +1", "BDAT 3 FOO", "BDAT 3LAST", "BDAT\t3",
        "BDAT 3 LAST LAST", "BDAT \u0663", "BDAT 1 LA\u017fT", "BDAT " + "9" * 21,
    ],
)  # fmt: skip
def test_what_follows_a_bad_count_is_never_taken_for_commands(line: str, n: int) -> None:
    """RFC 5321 says 501; but where the chunk ends nobody knows, so the session does."""
    for start in (START, b""):
        connection = connected(start)
        assert ask(connection, line.encode() + b"\r\nRSET\r\nQUIT\r\n", n) == [SYNTAX]
        assert connection.state is State.CLOSED


@WAYS
def test_no_dots_are_doubled(n: int) -> None:
    connection = connected(START)
    for start in range(0, 99, n or 99):
        connection.receive_data(
            b"BDAT 8\r\n.\r\n..x\r\nBDAT 3 LAST\r\n.\r\n"[start : start + (n or 99)]
        )
        value = connection.advance()
    assert value == chunk(b".\r\n", is_last=True)
    content = connection.session.content
    assert content is not None
    assert content.to_bytes() == b".\r\n..x\r\n.\r\n"


@WAYS
@pytest.mark.parametrize(
    ("start", "reply"),
    [
        (b"", "503 5.5.1 Error: send HELO/EHLO first"),
        (b"EHLO x\r\n", "503 5.5.1 Error: need MAIL command"),
        (b"EHLO x\r\nMAIL FROM:<a@b>\r\n", "554 5.5.1 Error: no valid recipients"),
    ],
)
def test_a_refused_chunk_is_swallowed_first(start: bytes, reply: str, n: int) -> None:
    data = b"BDAT 6\r\nRSET\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"
    assert ask(connected(start), data, n) == [reply, reply, OK]


@WAYS
def test_a_chunk_too_large_is_swallowed_and_the_rest_refused_until_rset(n: int) -> None:
    data = b"BDAT 11\r\n" + b"x" * 11 + b"BDAT 3\r\nabcBDAT 3 LAST\r\nabc"
    connection = connected(START, max_message_size=10)
    bad = "503 5.5.1 Error: bad sequence of commands"
    assert ask(connection, data + b"RCPT TO:<c@d>\r\nDATA\r\n", n) == [TOO_LARGE, *[bad] * 4]
    assert connection.state is State.ABORTED
    nested = "503 5.5.1 Error: nested MAIL command"
    assert ask(connection, b"MAIL FROM:<a@b>\r\nRSET\r\nMAIL FROM:<a@b>\r\n") == [
        nested, OK, "250 2.1.0 Ok"
    ]  # fmt: skip


def test_the_sum_of_the_chunks_is_limited_too() -> None:
    server = greeted(max_message_size=10)
    said(server, EHLO, MAIL, RCPT)
    six = chunk(b"x" * 6)
    assert codes(server, six, six, RSET, MAIL, RCPT, six) == [250, 552, 250, 250, 250, 250]
    assert codes(server, chunk(b"x" * 6, is_last=True)) == [552]
    assert (server.state, server.chunked_bytes) == (State.READY, 0)
    said(server, MAIL, RCPT, chunk(b"12345"))
    assert codes(server, chunk(b"67890", is_last=True)) == [250], "exactly the maximum"


def test_order() -> None:
    server = greeted()
    last = chunk(b"", is_last=True)
    said(server, EHLO, MAIL, RCPT)
    assert codes(server, chunk(b"a"), DATA, MAIL, RCPT, last) == [250, 503, 503, 503, 250]
    assert codes(server, last, chunk(b"a")) == [503, 503], "nothing is left after LAST"
    said(server, MAIL, RCPT, chunk(b"a"))
    assert codes(server, RSET, chunk(b"a"), DATA) == [250, 503, 503]
    said(server, MAIL, RCPT, chunk(b"a"))
    assert codes(server, EHLO, chunk(b"a")) == [250, 503]
    assert server.chunked_bytes == 0


def test_a_driver_may_refuse_any_chunk() -> None:
    server = greeted(ask=frozenset({"BDAT", "BDAT_LAST"}))
    said(server, EHLO, MAIL, RCPT)
    assert server.receive(chunk(b"a")) is None
    server.reply(Reply(452, ("disk full",), "4.3.1"))
    assert server.state is State.ABORTED
    said(server, RSET, MAIL, RCPT)
    assert server.receive(chunk(b"a", is_last=True)) is None
    assert server.content == Content.from_bytes(b"a")
    server.reply(Reply(554, ("spam",), "5.7.1"))
    assert server.state is State.READY


def test_where_it_is_not_offered() -> None:
    server = greeted(extension_names=("PIPELINING",))
    assert "CHUNKING" not in said(server, EHLO)[0].lines
    assert codes(server, MAIL, RCPT, chunk(b"a")) == [250, 250, 502]
    assert "CHUNKING" in said(greeted(), EHLO)[0].lines


def test_bare_line_feeds_in_chunks() -> None:
    for mode, code in (("strict", 550), ("normalize", 250), ("legacy", 250)):
        server = greeted(line_endings=mode)
        said(server, EHLO, MAIL, RCPT, chunk(b"a\n"))
        reply = server.receive(chunk(b"b\rc\r\n", is_last=True))
        assert (reply is None) == (code == 250)
        if server.content is not None:
            assert server.content.to_bytes() == b"a\r\nb c\r\n"
        else:
            assert reply is not None
            assert (reply.code, server.state) == (550, State.READY)


# -- client -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(("chunk_bytes", "n"), [(0, 1), (1153, 1), (1152, 2), (500, 3)])
def test_a_client_sends_a_message_in_chunks(pipelining: bool, chunk_bytes: int, n: int) -> None:
    transaction, verbs, server = delivered(
        tls="none", chunking=True, chunk_bytes=chunk_bytes, pipelining=pipelining
    )
    assert CONTENT.size == 1153
    assert verbs == ["EHLO", "MAIL", "RCPT", *["Chunk"] * n]
    assert transaction.reply_to(0).code == 250
    assert server.state is State.READY


def chunking_client(*offers: str, **options: object) -> ClientSession:
    return client_in_ready("CHUNKING", *offers, **{"chunking": True, **options})


def test_a_client_that_does_not_care_sends_data() -> None:
    client = client_in_ready("CHUNKING", "PIPELINING")
    client.begin(ENVELOPE, CONTENT)
    assert verbs_of(client.flight()) == ["MAIL", "RCPT", "DATA"]
    unable = client_in_ready("PIPELINING", chunking=True)
    unable.begin(ENVELOPE, CONTENT)
    assert verbs_of(unable.flight()) == ["MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("code", [452, 552])
def test_no_more_chunks_after_one_has_failed(code: int) -> None:
    client = chunking_client(chunk_bytes=500)
    transaction = client.begin(ENVELOPE, CONTENT)
    for answer in (250, 250, 250, code):
        client.flight()
        client.receive(Reply(answer))
    assert transaction.reply_to(0).code == code
    assert client.flight() == ()
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (RSET,)


@pytest.mark.parametrize(
    ("replies", "first", "state"),
    [
        ((250, 250, 250, 250, 250), 250, State.READY),
        ((250, 250, 250, 452, 503), 452, State.ABORTED),
        ((250, 550, 554, 554, 554), 550, State.MAIL),
        ((451, 503, 503, 503, 503), 451, State.READY),
    ],
)
def test_all_chunks_in_one_flight(replies: tuple[int, ...], first: int, state: State) -> None:
    client = chunking_client("PIPELINING", chunk_bytes=500)
    transaction = client.begin(ENVELOPE, CONTENT)
    assert verbs_of(client.flight()) == ["MAIL", "RCPT", "Chunk", "Chunk", "Chunk"]
    for code in replies:
        client.receive(Reply(code))
    assert transaction.reply_to(0).code == first
    assert (client.state, client.owed, client.flight()) == (state, 0, ())
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (RSET,)


def test_an_empty_message() -> None:
    client = chunking_client(chunk_bytes=500)
    client.begin(Envelope("", ("c@d",)), Content(0, (), b"", b""))
    for _ in range(2):
        client.flight()
        client.receive(Reply(250))
    assert client.flight() == (chunk(b"", is_last=True),)
