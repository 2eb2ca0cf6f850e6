"""Reply codes and reply lines (RFC 5321 sections 4.2 and 4.3.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtp.helpers import CONTENT, DATA, EHLO, MAIL, RCPT, client_in_ready, greeted, said

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Envelope
from mailsim.smtp import Chunk, ClientReader, Command, Reply, ServerConfig, ServerSession, State
from mailsim.smtp.replies import CODES, PERMITTED
from mailsim.smtp.states import TRANSITIONS, next_state


def read(data: bytes) -> list[Reply]:
    reader, replies = ClientReader(), []
    reader.feed(data)
    while (reply := reader.next()) is not None:
        replies.append(reply)
    return replies


@pytest.mark.row("F-11")
@pytest.mark.trap("`250\\r\\n` without text")
@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"250-a\r\n250-b\r\n250 c\r\n", Reply(250, ("a", "b", "c"))),
        (b"250\r\n", Reply(250, ("",))),
        (b"250 \r\n", Reply(250, ("",))),
        (b"250-\r\n250\r\n", Reply(250, ("", ""))),
        (b"250 bare\n", Reply(250, ("bare",))),
        (b"250 cr\r\r\n", Reply(250, ("cr",))),
        (b"299 unknown\r\n", Reply(299, ("unknown",))),
    ],
)
def test_replies_as_servers_write_them(data: bytes, reply: Reply) -> None:
    assert read(data) == [reply]


@pytest.mark.trap("UTF-8 reply text")
def test_a_reply_in_utf_8_or_in_nothing_known() -> None:
    assert read("550 5.1.1 grün\r\n".encode()) == [Reply(550, ("grün",), "5.1.1")]
    assert read(b"550 gr\xfcn\r\n") == [Reply(550, ("gr\udcfcn",))]


@pytest.mark.row("F-11")
@pytest.mark.row("F-12")
@pytest.mark.parametrize(
    "data",
    [b"hello\r\n", b"\r\n", b"199 x\r\n", b"600 x\r\n", b"25 x\r\n", b"2500 x\r\n", b"250_x\r\n"],
)
def test_what_is_no_reply(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="no SMTP reply"):
        read(data)


@pytest.mark.row("F-11")
def test_the_lines_of_a_reply_have_one_code() -> None:
    with pytest.raises(RemoteProtocolError, match="several codes: 250 and 251"):
        read(b"250-a\r\n251 b\r\n")


@pytest.mark.row("F-11")
@pytest.mark.parametrize(("code", "final"), [(299, True), (459, False), (599, False)])
def test_the_first_digit_of_an_unknown_code_decides(code: int, final: bool) -> None:
    client = client_in_ready()
    transaction = client.begin(Envelope("a@b", ("c@d",)), CONTENT)
    for reply in (Reply(250), Reply(250), Reply(354), Reply(code)):
        client.flight()
        client.receive(reply)
    assert transaction.reply_to(0).is_positive is final
    assert client.state is State.READY


@pytest.mark.row("F-12")
@pytest.mark.row("Q-12")
def test_every_permitted_code_is_known_and_of_three_digits() -> None:
    assert {code for codes in PERMITTED.values() for code in codes} <= set(CODES)
    assert all(200 <= code < 600 for code in CODES)
    assert all({500, 501, 421} <= codes for codes in PERMITTED.values())


@pytest.mark.row("Q-12")
@pytest.mark.parametrize(
    ("verb", "codes"),
    [
        ("GREETING", {220, 554}),
        ("EHLO", {250, 504, 550, 502}),
        ("MAIL", {250, 552, 451, 452, 550, 553, 503, 455, 555}),
        ("RCPT", {250, 251, 550, 551, 552, 553, 450, 451, 452, 503, 455, 555}),
        ("DATA", {354, 503, 554}),
        ("CONTENT", {250, 552, 554, 451, 452, 450, 550}),
        ("RSET", {250}),
        ("VRFY", {250, 251, 252, 550, 551, 553, 502, 504}),
        ("EXPN", {250, 252, 550, 502, 504}),
        ("HELP", {211, 214, 502, 504}),
        ("NOOP", {250}),
        ("QUIT", {221}),
    ],
)
def test_the_table_of_the_rfc_is_permitted(verb: str, codes: set[int]) -> None:
    assert codes | {500, 501, 421} <= PERMITTED[verb]


@pytest.mark.row("Q-12")
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((EHLO, MAIL), 251),
        ((EHLO, MAIL, RCPT), 521),
        ((EHLO, MAIL, RCPT, DATA), 552),
        ((EHLO, MAIL, RCPT, DATA, CONTENT), 553),
        ((EHLO, MAIL, RCPT, Chunk(CONTENT, is_last=True)), 553),
        ((Command("NOOP"),), 251),
        ((Command("QUIT"),), 250),
    ],
)
def test_a_server_gives_no_other(values: tuple[Command, ...], code: int) -> None:
    verbs = frozenset({"MAIL", "RCPT", "DATA", "CONTENT", "BDAT_LAST", "NOOP", "QUIT"})
    server = ServerSession(ServerConfig("mx", ask=verbs))
    server.reply(Reply(220, ("mx",)))
    said(server, *values[:-1])
    assert server.receive(values[-1]) is None
    with pytest.raises(LocalProtocolError, match=f"{code} (may not answer|is no reply to)"):
        server.reply(Reply(code))


VALUES = st.sampled_from(
    [EHLO, Command("HELO", "x"), Command("LHLO", "x"), MAIL, RCPT, DATA, Command("RSET"),
     Command("NOOP"), Command("VRFY", "b"), Command("EXPN", "b"), Command("HELP"),
     Command("STARTTLS"), Command("AUTH", "PLAIN"), Command("AUTH", "LOGIN x"), Command("QUIT"),
     Chunk(CONTENT, is_last=True), Chunk(CONTENT, is_last=False)]
)  # fmt: skip


@pytest.mark.row("Q-12")
@given(st.lists(VALUES, max_size=15), st.booleans(), st.booleans(), st.booleans())
def test_any_order_of_commands_gets_a_permitted_code(
    values: list[Command | Chunk], is_refused: bool, has_tls: bool, has_auth: bool
) -> None:
    config = ServerConfig(
        "mx", auth="optional" if has_auth else "required", tls="may" if has_tls else "encrypt"
    )
    server = ServerSession(config)
    server.reply(Reply(554 if is_refused else 220, ("mx",)))
    for value in values:
        state = server.state
        if state is State.DATA:
            assert said(server, CONTENT)[0].code in PERMITTED["CONTENT"]
            continue
        if state in (State.TLS, State.AUTH, State.CLOSED):
            break
        (reply,) = said(server, value)
        if isinstance(value, Command):
            verb = value.verb
        else:
            verb = "BDAT_LAST" if value.is_last else "BDAT"
        assert reply.code in PERMITTED[verb]
        assert server.state == next_state(state, verb, reply.code)


@pytest.mark.row("Q-09")
@pytest.mark.trap("421 to any command")
def test_421_answers_anything() -> None:
    for state in State:
        for verb in TRANSITIONS[state]:
            assert next_state(state, verb, 421) is State.CLOSED
    assert next_state(State.READY, "RCPT", 503) is State.READY
    assert next_state(State.READY, "RCPT", 250) is None
    assert next_state(State.CLOSED, "NOOP", 503) is None


def test_a_driver_may_not_break_the_law() -> None:
    server = greeted()
    with pytest.raises(LocalProtocolError, match="250 is no reply to nothing"):
        server.reply(Reply(250))
    said(server, EHLO, MAIL)
    assert server.receive(RCPT) is None
    with pytest.raises(LocalProtocolError, match="still owed"):
        server.receive(RCPT)
    with pytest.raises(LocalProtocolError, match="354 may not answer RCPT"):
        server.reply(Reply(354))
    handshake = greeted()
    said(handshake, EHLO, Command("STARTTLS"))
    handshake.expect_tls()
    with pytest.raises(LocalProtocolError, match="354 is no reply to TLS here"):
        handshake.reply(Reply(354))
