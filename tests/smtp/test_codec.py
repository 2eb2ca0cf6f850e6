"""Octets and values: the same law both ways, however the octets are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtp.helpers import CONTENT

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Content, Filler, Head, Received, new_content
from mailsim.smtp import (
    AuthLine,
    Chunk,
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
from mailsim.smtp.grammar import from_xtext, is_xtext, to_xtext

COMMANDS = [
    (b"EHLO office.example.org\r\n", Command("EHLO", "office.example.org")),
    (b"HELO [192.0.2.1]\r\n", Command("HELO", "[192.0.2.1]")),
    (b"LHLO x\r\n", Command("LHLO", "x")),
    (b"MAIL FROM:<>\r\n", Command("MAIL", "")),
    (
        b"MAIL FROM:<a@b.c> SIZE=5 BODY=8BITMIME SMTPUTF8\r\n",
        Command("MAIL", "a@b.c", (("SIZE", "5"), ("BODY", "8BITMIME"), ("SMTPUTF8", None))),
    ),
    ("MAIL FROM:<ä@ö.example>\r\n".encode(), Command("MAIL", "ä@ö.example")),
    (b'RCPT TO:<"a> b"@c.d>\r\n', Command("RCPT", '"a> b"@c.d')),
    (b"RCPT TO:<b@c.d>\r\n", Command("RCPT", "b@c.d")),
    (
        "RCPT TO:<b@c.d> ORCPT=utf-8;ü@c.d\r\n".encode(),
        Command("RCPT", "b@c.d", (("ORCPT", "utf-8;ü@c.d"),)),
    ),
    (b"RCPT TO:<Postmaster>\r\n", Command("RCPT", "Postmaster")),
    (b"DATA\r\n", Command("DATA")),
    (b"RSET\r\n", Command("RSET")),
    (b"NOOP\r\n", Command("NOOP")),
    (b"NOOP hello\r\n", Command("NOOP", "hello")),
    (b"HELP\r\n", Command("HELP")),
    (b"VRFY Smith\r\n", Command("VRFY", "Smith")),
    ("VRFY grün SMTPUTF8\r\n".encode(), Command("VRFY", "grün SMTPUTF8")),
    (b"EXPN list\r\n", Command("EXPN", "list")),
    (b"AUTH PLAIN AGEAYg==\r\n", Command("AUTH", "PLAIN AGEAYg==")),
    (b"STARTTLS\r\n", Command("STARTTLS")),
    (b"QUIT\r\n", Command("QUIT")),
    (b"BDAT 0 LAST\r\n", Chunk(Content(0, (), b"", b""), is_last=True)),
    (b"BDAT 5\r\n.\r\n\r\n", Chunk(Content(5, (), b".\r\n\r\n", b""), is_last=False)),
]


def read(data: bytes, state: State = State.READY) -> list[FromClient]:
    """Return the values of some octets."""
    reader = ServerReader()
    reader.feed(data)
    values = []
    while (value := reader.next(state)) is not None:
        values.append(value)
    return values


@pytest.mark.parametrize(("data", "value"), COMMANDS)
def test_commands_both_ways(data: bytes, value: FromClient) -> None:
    assert encode(value) == data
    assert read(data) == [value]
    assert read(data + b"RS") == [value]
    assert size(value) == len(data)


@given(st.lists(st.sampled_from([d for d, _ in COMMANDS] + [b"FOO\r\n"]), max_size=6), st.data())
def test_cut_anywhere_gives_the_same(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    reader, values = ServerReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        reader.feed(whole[start:end])
        while (value := reader.next(State.READY)) is not None:
            values.append(value)
    assert values == read(whole)


@given(st.binary(max_size=300), st.sampled_from([State.READY, State.AUTH, State.DATA]))
def test_any_octets_are_values(data: bytes, state: State) -> None:
    for value in read(data, state):
        assert isinstance(value, (Command, Garbage, AuthLine, Content, Chunk))


def test_auth_lines() -> None:
    assert read(b"AGEAYg==\r\n*\r\n\r\n", State.AUTH) == [
        AuthLine("AGEAYg=="),
        AuthLine("*"),
        AuthLine(""),
    ]
    assert encode(AuthLine("x")) == b"x\r\n"
    assert size(AuthLine("x")) == 3


@pytest.mark.trap("address with CRLF")
@pytest.mark.parametrize(
    "value",
    [
        Command("MAIL", "a@x> SIZE=1"),
        Command("MAIL", "a@x> SIZE=1\r\nRCPT TO:<evil@z"),
        Command("MAIL", "a@x\r\nRCPT TO:evil@z"),
        Command("MAIL", "a@x", (("ENVID", "x\r\nRSET"),)),
        Command("VRFY", "a\nQUIT"),
        AuthLine("a\r\nQUIT"),
        Garbage("a\rQUIT", "", Reply(500)),
    ],
)
def test_nothing_can_be_smuggled_into_a_command(value: FromClient) -> None:
    with pytest.raises(LocalProtocolError):
        encode(value)


# -- conservation of octets -------------------------------------------------------------------

ATOM = st.text("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*/?^_`{|}~ä-", min_size=1, max_size=12)
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789ö", min_size=1, max_size=8)
DOMAIN = st.lists(LABEL, min_size=1, max_size=3).map(".".join)
QUOTED = st.text('abc <>@.,ü"\\', max_size=8).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
SIMPLE = st.builds("{}@{}".format, ATOM, DOMAIN)
ADDRESS = st.builds("{}@{}".format, st.one_of(ATOM, QUOTED), DOMAIN)
VALUE = st.text("abcXYZ012+;,-.<>@ü", min_size=1, max_size=12)
PARAMS = st.lists(
    st.tuples(st.sampled_from(["SIZE", "BODY", "ENVID", "X-1"]), st.none() | VALUE), max_size=3
).map(tuple)
OCTETS = st.binary(max_size=60)
LINES = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a", b"\xe4"]), max_size=5).map(
    lambda lines: b"".join([line + b"\r\n" for line in lines])
)
OWN = st.builds(
    new_content,
    st.builds(
        Head,
        st.integers(0, 9),
        LABEL,
        SIMPLE,
        SIMPLE,
        ATOM,
        st.integers(0, 10**9),
        st.sampled_from(["", "X: ä\r\n"]),
    ),
    st.integers(2, 300) | LINES,
)
HOP = st.builds(
    Received, LABEL, LABEL, LABEL, LABEL, st.just("ESMTP"), LABEL, SIMPLE, st.integers(0, 10**9)
)
NONE = st.just(())
VALUES = st.one_of(
    st.builds(Command, st.just("MAIL"), ADDRESS | st.just(""), PARAMS),
    st.builds(Command, st.just("RCPT"), ADDRESS | st.just("postmaster"), PARAMS),
    st.builds(Command, st.sampled_from(["NOOP", "HELP"]), ATOM | st.just(""), NONE),
    st.builds(Command, st.sampled_from(["VRFY", "EXPN", "AUTH"]), ATOM, NONE),
    st.builds(Command, st.sampled_from(["DATA", "RSET", "QUIT", "STARTTLS"]), st.just(""), NONE),
    st.builds(Command, st.sampled_from(["EHLO", "HELO"]), st.just("mx.example.net"), NONE),
    st.builds(Chunk, st.builds(Content.from_bytes, OCTETS), st.booleans()),
    st.builds(Chunk, OWN, st.booleans()),
    st.builds(AuthLine, ATOM | st.just("")),
    st.builds(Content.from_bytes, LINES),
    OWN.filter(lambda content: content.body != b""),
    st.builds(lambda content, hop: content.with_received(hop), OWN, HOP),
)


@given(VALUES)
def test_octets_are_conserved(value: FromClient) -> None:
    data = encode(value)
    assert size(value) == len(data)
    states = {AuthLine: State.AUTH, Content: State.DATA}
    assert read(data, states.get(type(value), State.READY)) == [as_read(value)]


def as_read(value: FromClient) -> FromClient:
    """Return the value as it comes back: a body of octets is kept as its header's text."""
    if isinstance(value, Chunk):
        return value._replace(content=Content.from_bytes(value.content.to_bytes()))
    if isinstance(value, Content):
        return Content.from_bytes(value.to_bytes())
    return value


@given(OWN)
def test_our_own_content_comes_back_as_it_was(content: Content) -> None:
    if isinstance(content.body, Filler):
        assert read(encode(content), State.DATA) == [content]
        assert read(encode(Chunk(content, is_last=True))) == [Chunk(content, is_last=True)]
    assert read(encode(content), State.DATA)[0].to_bytes() == content.to_bytes()  # type: ignore[union-attr]


@given(st.binary(max_size=80))
def test_stuffing_and_back(data: bytes) -> None:
    wire = stuff(data)
    assert wire.endswith(b".\r\n")
    if data:
        assert unstuff(wire[:-3]) == (data if data.endswith(b"\r\n") else data + b"\r\n")


def test_sizes_of_contents() -> None:
    assert size(CONTENT) == len(encode(CONTENT)) == CONTENT.size + 3
    real = Content.from_bytes(b"Subject: x\r\n\r\n.dot\r\n")
    assert size(real) == len(encode(real)) == real.size + 4
    assert (encode(Content(0, (), b"", b"")), size(Content(0, (), b"", b""))) == (b".\r\n", 3)


# -- replies ----------------------------------------------------------------------------------

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
    ("250 2.٣.0 no digit\r\n".encode(), Reply(250, ("2.٣.0 no digit",))),
    ("250 grün\r\n".encode(), Reply(250, ("grün",))),
    (b"250 \xff\r\n", Reply(250, ("\udcff",))),
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


@given(st.binary(max_size=200))
def test_any_octets_are_replies_or_a_protocol_error(data: bytes) -> None:
    reader = ClientReader()
    reader.feed(data)
    try:
        while (reply := reader.next()) is not None:
            assert 200 <= reply.code < 600
    except RemoteProtocolError:
        pass


def test_a_reply_as_a_log_shows_it() -> None:
    assert str(Reply(250, ("a", "b"))) == "250 a b"
    assert Reply(550, ("",), "5.1.1").text == "5.1.1"
    assert (Reply(250).is_positive, Reply(354).is_positive, Reply(400).is_positive) == (
        True,
        True,
        False,
    )
    assert (Reply(450).is_temporary, Reply(550).is_temporary) == (True, False)


# -- xtext ------------------------------------------------------------------------------------


@given(st.text(max_size=20))
def test_xtext_both_ways(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert is_xtext(to_xtext(text))
    assert from_xtext(to_xtext(text)) == text


def test_xtext() -> None:
    assert to_xtext("e=mc2@example.com") == "e+3Dmc2@example.com"
    assert from_xtext("e+3dmc2@example.com") == "e=mc2@example.com"
    assert not any(map(is_xtext, ["a b", "a+3d", "a+", "a=b", "ä"]))
