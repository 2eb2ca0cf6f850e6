"""Where lines, contents and chunks end, and nowhere else (RFC 5321 sections 2.3.8, 4.1.1.4, 4.5.2).

The smuggling vectors are those of CVE-2023-51764 to 51766.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtp.helpers import CONTENT, IN_DATA, ask, client_in_ready, connected

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp import Chunk, Command, Garbage, Reply, ServerReader, State, encode, encode_reply

VECTORS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n\x00.\r\n"]
ENDS_LEGACY = VECTORS[:3]
BARE = "550 5.5.2 Error: bare <LF> or <CR> received"
WAYS = pytest.mark.parametrize("n", [0, 1], ids=["whole", "bytewise"])
SMUGGLED = b"MAIL FROM:<evil@x>\r\nRCPT TO:<y@z>\r\nDATA\r\nevil\r\n.\r\n"


def contents(data: bytes, line_endings: str, n: int) -> list[Content]:
    """Return the contents a server takes from what follows its 354."""
    reader, taken = ServerReader(0, line_endings), []
    for start in range(0, len(data), n or len(data)):
        reader.feed(data[start : start + (n or len(data))])
        while isinstance(content := reader.next(State.DATA), Content):
            taken.append(content)
    return taken


@pytest.mark.trap("aiosmtpd's smuggling tests")
@pytest.mark.row("F-04")
@pytest.mark.row("F-02")
@WAYS
@pytest.mark.parametrize("vector", VECTORS)
def test_no_vector_ends_the_content_in_normalize(vector: bytes, n: int) -> None:
    connection = connected(IN_DATA, line_endings="normalize")
    assert ask(connection, b"a" + vector + SMUGGLED, n) == ["250 2.0.0 Ok"]
    assert connection.state is State.READY


@pytest.mark.trap("aiosmtpd's smuggling tests")
@pytest.mark.row("F-04")
@WAYS
@pytest.mark.parametrize("vector", VECTORS)
def test_no_vector_ends_the_content_in_strict(vector: bytes, n: int) -> None:
    """It is refused, at the true end only; NUL is an octet like any other."""
    connection = connected(IN_DATA, line_endings="strict")
    expected = ["250 2.0.0 Ok"] if vector == b"\r\n\x00.\r\n" else [BARE]
    assert ask(connection, b"a" + vector + SMUGGLED, n) == expected
    assert connection.state is State.READY
    assert ask(connection, b"NOOP\r\n") == ["250 2.0.0 Ok"]


@pytest.mark.row("F-04")
@WAYS
@pytest.mark.parametrize("vector", VECTORS)
def test_a_legacy_server_is_open_to_three_of_them(vector: bytes, n: int) -> None:
    """As Postfix 3.7 was; the mode is there to study it."""
    connection = connected(IN_DATA, line_endings="legacy")
    replies = ask(connection, b"a" + vector + SMUGGLED, n)
    if vector in ENDS_LEGACY:
        assert [reply[:3] for reply in replies] == ["250", "250", "250", "354", "250"]
    else:
        assert replies == ["250 2.0.0 Ok"]


@pytest.mark.row("F-04")
@WAYS
def test_what_a_bare_line_feed_becomes(n: int) -> None:
    data = b"a\nb\rc\n.d\n..e\n.\r\nf\r\n.\r\n"
    (content,) = contents(data, "normalize", n)
    assert content.to_bytes() == b"a\r\nb c\r\nd\r\n.e\r\n\r\nf\r\n"
    (content,) = contents(b"a\nb\rc\n.\n", "legacy", n)
    assert content.to_bytes() == b"a\r\nb c\r\n"
    assert contents(b"a\nb\r\n.\r\n", "strict", n) == []


@pytest.mark.row("F-03")
@WAYS
@pytest.mark.parametrize("mode", ["strict", "normalize", "legacy"])
def test_the_first_crlf_of_the_end_belongs_to_the_message(mode: str, n: int) -> None:
    (content,) = contents(b"a\r\n.\r\n", mode, n)
    assert content.to_bytes() == b"a\r\n"
    (empty,) = contents(b".\r\n", mode, n)
    assert empty.to_bytes() == b""
    (blank,) = contents(b"\r\n.\r\n", mode, n)
    assert blank.to_bytes() == b"\r\n"


@pytest.mark.row("F-03")
@pytest.mark.parametrize("mode", ["strict", "normalize", "legacy"])
@pytest.mark.parametrize("n", range(1, 14))
def test_a_piece_of_any_length_ends_nothing_by_itself(mode: str, n: int) -> None:
    """Four octets that came alone once ended a content, so the rest passed for commands."""
    assert contents(b"Hi\r\n", mode, n) == []
    (content,) = contents(b"Hi\r\n..b\r\n.\r\n", mode, n)
    assert content.to_bytes() == b"Hi\r\n.b\r\n"


OCTETS = st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\r\n.\r\n"]), max_size=16)
CUTS = st.lists(st.integers(1, 8), max_size=16)


def values(pieces: list[bytes], state: State, mode: str) -> list[object]:
    """Return what a server reads in a state, fed piece by piece."""
    reader, found = ServerReader(20, mode), []
    for piece in pieces:
        reader.feed(piece)
        while (value := reader.next(state)) is not None:
            found.append(value)
    return found


@given(OCTETS, CUTS, st.sampled_from(["strict", "normalize", "legacy"]))
@pytest.mark.parametrize("state", [State.DATA, State.READY, State.AUTH])
def test_octets_are_the_same_values_however_they_are_cut(
    state: State, octets: list[bytes], cuts: list[int], mode: str
) -> None:
    whole, pieces = b"".join(octets), []
    rest = whole
    for n in cuts:
        pieces.append(rest[:n])
        rest = rest[n:]
    assert values([*filter(None, pieces), rest], state, mode) == values([whole], state, mode)


@pytest.mark.row("F-01")
@pytest.mark.row("F-02")
@WAYS
@pytest.mark.parametrize(
    ("data", "strict", "lenient"),
    [
        (b"NOOP\nRSET\r\n", ["500"], ["250", "250"]),
        (b"NOOP\rRSET\r\n", ["500"], ["500"]),
        (b"NOOP x\ry\r\n", ["501"], ["501"]),
        (b"NOOP\r\r\n", ["500"], ["500"]),
        (b"NOOP\n", [], ["250"]),
    ],
)
def test_bare_line_ends_in_commands(
    data: bytes, strict: list[str], lenient: list[str], n: int
) -> None:
    for mode, expected in (("strict", strict), ("normalize", lenient), ("legacy", lenient)):
        replies = ask(connected(b"EHLO x\r\n", line_endings=mode), data, n)
        assert [reply[:3] for reply in replies] == expected, mode


@pytest.mark.row("F-04")
@pytest.mark.row("X-CHUNKING")
@WAYS
@pytest.mark.parametrize("vector", VECTORS)
def test_a_chunk_ends_where_its_count_says(vector: bytes, n: int) -> None:
    data = b"a" + vector + b"\r\n.\r\nb\r\n"
    start = b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
    for mode in ("strict", "normalize", "legacy"):
        connection = connected(start, line_endings=mode)
        replies = ask(connection, b"BDAT %d LAST\r\n%sNOOP\r\n" % (len(data), data), n)
        is_refused = mode == "strict" and vector != b"\r\n\x00.\r\n"
        assert replies == [BARE if is_refused else "250 2.0.0 Ok", "250 2.0.0 Ok"]


def test_a_bare_line_feed_hidden_in_a_header_of_ours_is_seen_in_a_chunk() -> None:
    data = CONTENT.to_bytes().replace(b"\r\n\r\n", b"\r\nX: a\nb\r\n\r\n", 1)
    start = b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
    chunk = b"BDAT %d LAST\r\n" % len(data) + data
    assert ask(connected(start, line_endings="strict"), chunk) == [BARE]


@pytest.mark.row("F-05")
@pytest.mark.trap("body not ending in newline")
@given(st.binary(max_size=80), st.integers(0, 3))
def test_transparency(data: bytes, n: int) -> None:
    """Any octets arrive as they were, but for the CRLF added at the end."""
    reader = ServerReader()
    content = None
    wire = encode(Content.from_bytes(data)) + b"NOOP\r\n"
    for start in range(0, len(wire), n or len(wire)):
        reader.feed(wire[start : start + (n or len(wire))])
        content = content or reader.next(State.DATA)
    bare = data.replace(b"\r\n", b"")
    if b"\r" in bare or b"\n" in bare:
        assert isinstance(content, Garbage)  # F-01: a client of ours does not send it
    else:
        assert isinstance(content, Content)
        assert content.to_bytes() == (
            data if data.endswith(b"\r\n") or not data else data + b"\r\n"
        )


@pytest.mark.row("F-05")
@pytest.mark.row("F-03")
@pytest.mark.parametrize(
    ("data", "wire"),
    [
        (b"", b".\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a\r\n\r\n", b"a\r\n\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b".\r\n.a\r\n..\r\n", b"..\r\n..a\r\n...\r\n.\r\n"),
    ],
)
def test_a_client_doubles_leading_dots_and_ends_the_last_line(data: bytes, wire: bytes) -> None:
    assert encode(Content.from_bytes(data)) == wire


@pytest.mark.row("F-01")
@pytest.mark.parametrize("data", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n\n", b"a\r"])
def test_a_client_sends_no_bare_cr_or_lf(data: bytes) -> None:
    client = client_in_ready()
    envelope = Envelope("a@b", ("c@d",))
    with pytest.raises(LocalProtocolError, match="CRLF"):
        client.begin(envelope, Content.from_bytes(data))
    binary = envelope._replace(params=(("BODY", "BINARYMIME"),))
    assert client.begin(binary, Content.from_bytes(data)).final is None


@pytest.mark.row("F-01")
def test_everything_said_ends_in_crlf() -> None:
    for value in (Command("NOOP"), CONTENT, Content.from_bytes(b"a")):
        data = encode(value)
        assert data.endswith(b"\r\n")
        assert b"\n" not in data.replace(b"\r\n", b"")
    assert encode_reply(Reply(250, ("a", "b"))) == b"250-a\r\n250 b\r\n"
    assert encode(Chunk(CONTENT, is_last=True)).startswith(b"BDAT %d LAST\r\n" % CONTENT.size)


@pytest.mark.row("F-14")
@WAYS
def test_eight_bit_data_undeclared_is_kept_as_it_is(n: int) -> None:
    data = b"Subject: \xe4\r\n\r\n\xff\xfe\xc3\xa4\r\n"
    for mode in ("strict", "normalize", "legacy"):
        (content,) = contents(data + b".\r\n", mode, n)
        assert content.to_bytes() == data


def test_modes_of_a_content_given_up_and_refused_at_its_end() -> None:
    for mode in ("strict", "normalize", "legacy"):
        for data in (b"x\r\n" * 4000 + b".\r\n", b"x\r\n" * 4000 + b"..x\r\n" + b".\r\n"):
            for n in (0, 1, 7):
                connection = connected(IN_DATA, max_message_size=100, line_endings=mode)
                assert ask(connection, data + b"NOOP\r\n", n) == [
                    "552 5.3.4 Message size exceeds fixed limit",
                    "250 2.0.0 Ok",
                ]
