"""Octets and values: same law both ways, any way the octets are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtp.helpers import CONTENT

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Content
from mailsim.smtp import (
    AuthLine,
    ClientReader,
    Command,
    FromClient,
    Garbage,
    Reply,
    ServerReader,
    State,
    encode,
    encode_reply,
)
from mailsim.smtp.codec import reply_size, size, stuff, unstuff

COMMANDS = [
    (b"EHLO office.example.org\r\n", Command("EHLO", "office.example.org")),
    (b"HELO [192.0.2.1]\r\n", Command("HELO", "[192.0.2.1]")),
    (b"MAIL FROM:<>\r\n", Command("MAIL", "")),
    (
        b"MAIL FROM:<a@b.c> SIZE=5 BODY=8BITMIME SMTPUTF8\r\n",
        Command("MAIL", "a@b.c", (("SIZE", "5"), ("BODY", "8BITMIME"), ("SMTPUTF8", None))),
    ),
    (b"RCPT TO:<b@c.d>\r\n", Command("RCPT", "b@c.d")),
    (b"RCPT TO:<Postmaster>\r\n", Command("RCPT", "Postmaster")),
    (b"DATA\r\n", Command("DATA")),
    (b"RSET\r\n", Command("RSET")),
    (b"NOOP\r\n", Command("NOOP")),
    (b"NOOP hello\r\n", Command("NOOP", "hello")),
    (b"HELP\r\n", Command("HELP")),
    (b"VRFY Smith\r\n", Command("VRFY", "Smith")),
    (b"AUTH PLAIN AGEAYg==\r\n", Command("AUTH", "PLAIN AGEAYg==")),
    (b"STARTTLS\r\n", Command("STARTTLS")),
    (b"QUIT\r\n", Command("QUIT")),
]
TOLERATED = [
    (b"ehlo x\r\n", Command("EHLO", "x")),
    (b"mail from: <a@b.c>  \r\n", Command("MAIL", "a@b.c")),
    (b"QUIT \r\n", Command("QUIT")),
    (b"RCPT TO:<@a,@b:u@d.e>\r\n", Command("RCPT", "u@d.e")),
    (b"MAIL FROM:<a@b> size=5\r\n", Command("MAIL", "a@b", (("SIZE", "5"),))),
]
WRONG = [
    (b"FOO\r\n", 500),
    (b"\r\n", 500),
    (b"TURN\r\n", 502),
    (b"DATA now\r\n", 501),
    (b"EHLO\r\n", 501),
    (b"EHLO a b\r\n", 501),
    (b"NOOP \x00\r\n", 501),
    (b"MAIL\r\n", 501),
    (b"MAIL FRM:<a@b>\r\n", 501),
    (b"MAIL FROM:a@b\r\n", 501),
    (b"MAIL FROM:<a@b\r\n", 501),
    (b"MAIL FROM:<a@b>SIZE=1\r\n", 501),
    (b"MAIL FROM:<a b>\r\n", 501),
    (b"RCPT TO:<>\r\n", 501),
    (b"RCPT TO:<a>\r\n", 501),
    (b"MAIL FROM:<a@b> =\r\n", 501),
    (b"MAIL FROM:<" + b"a" * 65 + b"@b>\r\n", 501),
    (b"RCPT TO:<a@" + b"b" * 255 + b">\r\n", 501),
    (b"NOOP " + b"x" * 3000 + b"\r\n", 500),
    (b"\xff\xfe\r\n", 500),
]


def read(data: bytes, state: State = State.READY) -> list[FromClient]:
    reader = ServerReader()
    reader.feed(data)
    values = []
    while (value := reader.next(state)) is not None:
        values.append(value)
    return values


@pytest.mark.parametrize(("data", "value"), COMMANDS)
def test_commands_both_ways(data: bytes, value: Command) -> None:
    assert encode(value) == data
    assert read(data) == [value]
    assert read(data + b"RS") == [value]
    assert size(value) == len(data)


@pytest.mark.parametrize(("data", "value"), TOLERATED)
def test_what_servers_tolerate(data: bytes, value: Command) -> None:
    assert read(data) == [value]


@pytest.mark.parametrize(("data", "code"), WRONG)
def test_wrong_lines(data: bytes, code: int) -> None:
    (value,) = read(data)
    assert isinstance(value, Garbage)
    assert value.reply.code == code
    if len(data) < 2000:
        assert encode(value) == data
        assert size(value) == len(data)


@given(st.lists(st.sampled_from([d for d, _ in COMMANDS + WRONG]), max_size=6), st.data())
def test_cut_anywhere_gives_the_same(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    reader, values = ServerReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        reader.feed(whole[start:end])
        while (value := reader.next(State.READY)) is not None:
            values.append(value)
    # A line that is too long is refused before it ends, and its rest is a line of its own.
    if all(len(line) < 2000 for line in lines):
        assert values == read(whole)


@given(st.binary(max_size=300), st.sampled_from([State.READY, State.AUTH, State.DATA]))
def test_any_octets_are_values(data: bytes, state: State) -> None:
    for value in read(data, state):
        assert isinstance(value, (Command, Garbage, AuthLine, Content))


def test_a_line_without_end_is_refused_before_it_ends() -> None:
    reader = ServerReader()
    reader.feed(b"x" * 2048)
    assert reader.next(State.READY) is None
    reader.feed(b"x")
    value = reader.next(State.READY)
    assert isinstance(value, Garbage)
    assert value.reply.code == 500


def test_auth_lines() -> None:
    assert read(b"AGEAYg==\r\n*\r\n", State.AUTH) == [AuthLine("AGEAYg=="), AuthLine("*")]
    assert encode(AuthLine("x")) == b"x\r\n"
    assert size(AuthLine("x")) == 3


@pytest.mark.parametrize(
    "value",
    [
        Command("MAIL", "a@x> SIZE=1"),
        Command("MAIL", "a@x\r\nRCPT TO:evil@z"),
        AuthLine("a\r\nQUIT"),
    ],
)
def test_nothing_can_be_smuggled_into_a_command(value: FromClient) -> None:
    with pytest.raises(LocalProtocolError):
        encode(value)


@given(st.binary(max_size=80))
def test_transparency(data: bytes) -> None:
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    wire = stuff(data)
    assert wire.endswith(b".\r\n")
    values = read(wire + b"NOOP\r\n", State.DATA)
    first = values[0]
    assert isinstance(first, Content)
    if data:
        assert first.to_bytes() == ended
        assert unstuff(wire[:-3]) == ended
    else:
        assert first.size == 0


def test_content_ends_at_the_real_end_only() -> None:
    for end in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n\x00.\r\n"):
        reader = ServerReader()
        reader.feed(b"a" + end)
        assert reader.next(State.DATA) is None, end
        reader.feed(b"b\r\n.\r\n")
        content = reader.next(State.DATA)
        assert isinstance(content, Content)
    assert size(CONTENT) == len(encode(CONTENT))
    real = Content.from_bytes(b"Subject: x\r\n\r\n.dot\r\n")
    assert size(real) == len(encode(real)) == real.size + 4


def test_sizes_of_what_is_not_ascii() -> None:
    for value in (Command("MAIL", "ä@b"), Command("VRFY", "ä")):
        assert size(value) == len(encode(value))


REPLIES = [
    (b"250 2.0.0 Ok\r\n", Reply(250, ("Ok",), "2.0.0")),
    (b"250 2.0.0\r\n", Reply(250, ("",), "2.0.0")),
    (b"250 \r\n", Reply(250, ("",))),
    (b"334 \r\n", Reply(334, ("",))),
    (b"220 mx ESMTP\r\n", Reply(220, ("mx ESMTP",))),
    (b"250-mx\r\n250-SIZE 5\r\n250 HELP\r\n", Reply(250, ("mx", "SIZE 5", "HELP"))),
    (b"550-5.1.1 no\r\n550 5.1.1 user\r\n", Reply(550, ("no", "user"), "5.1.1")),
    (b"550-5.1.1 no\r\n550 user\r\n", Reply(550, ("5.1.1 no", "user"))),
    (b"450 5.1.1 class differs\r\n", Reply(450, ("5.1.1 class differs",))),
    ("250 grün\r\n".encode(), Reply(250, ("grün",))),
]


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_replies_both_ways(data: bytes, reply: Reply) -> None:
    assert encode_reply(reply) == data
    assert reply_size(reply) == len(data)
    for cut in range(len(data)):
        reader = ClientReader()
        reader.feed(data[:cut])
        assert reader.next() is None
        reader.feed(data[cut:] + b"2")
        assert reader.next() == reply
        assert reader.next() is None


def test_replies_as_servers_also_write_them() -> None:
    reader = ClientReader()
    reader.feed(b"250\r\n250 bare\n")
    assert reader.next() == Reply(250, ("",))
    assert reader.next() == Reply(250, ("bare",))


@pytest.mark.parametrize(
    "data",
    [b"hello\r\n", b"199 x\r\n", b"600 x\r\n", b"250_x\r\n", b"250-a\r\n251 b\r\n", b"2" * 5000],
)
def test_what_is_no_reply(data: bytes) -> None:
    reader = ClientReader()
    reader.feed(data)
    with pytest.raises(RemoteProtocolError):
        reader.next()


@given(st.binary(max_size=200))
def test_any_octets_are_replies_or_a_protocol_error(data: bytes) -> None:
    reader = ClientReader()
    reader.feed(data)
    try:
        while (reply := reader.next()) is not None:
            assert 200 <= reply.code < 600
    except RemoteProtocolError:
        pass
