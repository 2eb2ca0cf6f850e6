"""Sizes (RFC 5321 section 4.5.3.1), and work in proportion to the octets, however they come."""

from __future__ import annotations

import pytest
from smtp.helpers import IN_DATA, ask, connected

from mailsim.errors import RemoteProtocolError
from mailsim.smtp import ClientReader, Command, Garbage, Reply, ServerReader, State
from mailsim.smtp.values import FromClient

TOO_LONG = "500 5.5.6 Line too long"
LABEL = b"a" * 63


@pytest.mark.row("F-08")
def test_what_everybody_must_accept() -> None:
    domain = b".".join([LABEL] * 4)
    assert len(domain) == 255
    assert ask(connected(), b"EHLO " + domain + b"\r\n")[0][:4] == "250-"
    path = b"l" * 64 + b"@" + b".".join([LABEL] * 2 + [b"b" * 61])
    assert len(path) + 2 == 256
    ready = connected(b"EHLO x\r\n")
    assert ask(ready, b"MAIL FROM:<" + path + b">\r\n") == ["250 2.1.0 Ok"]
    for i in range(100):
        assert ask(ready, b"RCPT TO:<%d@d>\r\n" % i) == ["250 2.1.5 Ok"]
    line = b"x" * 998 + b"\r\n"
    data = b"." + line + line * 65  # more than 64 KiB
    assert ask(ready, b"DATA\r\n" + data + b".\r\n")[1:] == ["250 2.0.0 Ok"]
    assert ask(ready, b"NOOP " + b"x" * 505 + b"\r\n") == ["250 2.0.0 Ok"], "512 with CRLF"


@pytest.mark.row("F-08")
def test_a_reply_line_of_512_octets_is_taken() -> None:
    reader = ClientReader()
    reader.feed(b"250 " + b"x" * 506 + b"\r\n")
    assert reader.next() == Reply(250, ("x" * 506,))


@pytest.mark.row("F-09")
@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"MAIL FROM:<" + b"a" * 65 + b"@b>", "501 5.1.7 Path too long"),
        (b"RCPT TO:<a@" + b"b" * 253 + b">", "501 5.1.3 Path too long"),
        ("RCPT TO:<{}@b>".format("ä" * 33).encode(), "501 5.1.3 Path too long"),
        (b"EHLO " + b"a" * 256, "501 Syntax: EHLO hostname"),
        (b"NOOP " + b"x" * 2042, TOO_LONG),
        (b"AUTH PLAIN " + b"x" * 12276, "500 5.5.6 Authentication exchange line is too long"),
    ],
)
@pytest.mark.parametrize("n", [0, 1])
def test_beyond_the_limit(line: bytes, reply: str, n: int) -> None:
    assert ask(connected(b"EHLO x\r\n"), line + b"\r\nNOOP\r\n", n) == [reply, "250 2.0.0 Ok"]


@pytest.mark.row("F-09")
def test_too_many_recipients_and_too_much_data() -> None:
    connection = connected(
        b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n", max_recipients=1, max_message_size=10
    )
    data = b"RCPT TO:<e@f>\r\nDATA\r\n0123456789\r\n.\r\n"
    assert ask(connection, data) == [
        "452 4.5.3 Error: too many recipients",
        "354 End data with <CR><LF>.<CR><LF>",
        "552 5.3.4 Message size exceeds fixed limit",
    ]


@pytest.mark.row("F-10")
@pytest.mark.parametrize("n", [0, 1])
def test_lines_up_to_2048_octets_hold_the_parameters_of_all_extensions(n: int) -> None:
    assert ask(connected(b"EHLO x\r\n"), b"NOOP " + b"x" * 2041 + b"\r\n", n) == ["250 2.0.0 Ok"]
    options = (*connected().session.config.extension_names, "DELIVERBY", "REQUIRETLS")
    ready = connected(
        b"EHLO x\r\n", tls="implicit", extension_names=options, auth="optional", max_message_size=0
    )
    path = b"l" * 64 + b"@" + b".".join([LABEL] * 2 + [b"b" * 61])
    mail = b"MAIL FROM:<%s> SIZE=%s BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=%s BY=999999999;RT" % (
        path,
        b"9" * 20,
        b"e" * 100,
    )
    mail += b" REQUIRETLS AUTH=" + path
    orcpt = b"rfc822;" + b"o" * 493
    rcpt = b"RCPT TO:<%s> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=%s" % (path, orcpt)
    assert ask(ready, mail + b"\r\n" + rcpt + b"\r\n", n) == ["250 2.1.0 Ok", "250 2.1.5 Ok"]


@pytest.mark.parametrize("mode", ["strict", "normalize", "legacy"])
@pytest.mark.parametrize("is_auth", [False, True])
@pytest.mark.parametrize("n", [1, 2047, 5000, 12289])
def test_an_over_long_line_is_one_value_answered_at_its_end(
    mode: str, is_auth: bool, n: int
) -> None:
    state = State.AUTH if is_auth else State.READY
    line = b"NOOP " + "ä".encode() * 15_000
    whole = values(line + b"\r\nNOOP\r\n", mode, state, 0)
    (first, second) = values(line + b"\r\nNOOP\r\n", mode, state, n)
    assert [first, second] == whole
    assert isinstance(first, Garbage)
    assert first.reply.code == 500
    assert len(first.line) == 5 + 1022, "the first 2048 octets; the last of them is half a letter"
    assert values(line, mode, state, n) == []
    if not is_auth:
        assert second == Command("NOOP")


def values(data: bytes, mode: str, state: State, n: int) -> list[FromClient]:
    reader, found = ServerReader(0, mode), []
    for start in range(0, len(data), n or len(data)):
        reader.feed(data[start : start + (n or len(data))])
        while (value := reader.next(state)) is not None:
            found.append(value)
    return found


def test_an_over_long_line_keeps_little_in_memory() -> None:
    reader = ServerReader(1000)
    for _ in range(1000):
        reader.feed(b"x" * 10_000)
        assert reader.next(State.READY) is None
        assert len(reader._buffer) <= 12_288
    for _ in range(1000):
        reader.feed(b"x" * 10_000)
        assert reader.next(State.DATA) is None
        assert len(reader._buffer) <= 2 * 1000 + 4096


class Counting(bytearray):
    """A buffer that counts the octets it looks at."""

    n_scanned = 0

    def find(self, sub: bytes, start: int = 0) -> int:  # type: ignore[override]
        self.n_scanned += len(self) - start
        return super().find(sub, start)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["strict", "normalize"])
@pytest.mark.parametrize("state", [State.READY, State.AUTH, State.DATA])
def test_slow_input_is_looked_at_a_bounded_number_of_times(mode: str, state: State) -> None:
    """A quarter of a megabyte octet by octet: five looks at each, not a hundred thousand."""
    reader = ServerReader(10_000_000, mode)
    reader._buffer = buffer = Counting()
    n = 250_000
    for _ in range(n):
        reader.feed(b"x")
        assert reader.next(state) is None
    assert buffer.n_scanned <= 5 * n


@pytest.mark.slow
def test_a_slow_chunk_is_not_looked_at_at_all() -> None:
    reader = ServerReader(10_000_000)
    reader.feed(b"BDAT 100000 LAST\r\n")
    assert reader.next(State.RCPT) is None
    reader._buffer = buffer = Counting()
    for _ in range(99_999):
        reader.feed(b"x")
        assert reader.next(State.RCPT) is None
    assert buffer.n_scanned == 0
    reader.feed(b"x")
    assert reader.next(State.RCPT) is not None


def test_a_slow_legacy_content_is_looked_at_from_where_the_last_look_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mailsim.smtp import server_reader

    search, scanned = server_reader._legacy_end, [0]

    def counting(data: bytearray, start: int) -> object:
        scanned[0] += len(data) - start
        return search(data, start)

    monkeypatch.setattr(server_reader, "_legacy_end", counting)
    reader = ServerReader(0, "legacy")
    for _ in range(100_000):
        reader.feed(b"x")
        assert reader.next(State.DATA) is None
    assert scanned[0] <= 5 * 100_000


@pytest.mark.slow
def test_slow_replies_cost_at_most_a_line_for_each_octet() -> None:
    reader = ClientReader()
    reader._buffer = buffer = Counting()
    data = b"250-" + b"x" * 96 + b"\r\n"
    for _ in range(900):
        for octet in data:
            reader.feed(bytes([octet]))
            assert reader.next() is None
    assert buffer.n_scanned <= 900 * len(data) * len(data)


@pytest.mark.parametrize("data", [b"2" * 5000, b"250-x\r\n" * 1002, b"250 " + b"x" * 5000 + b"\n"])
def test_a_reply_without_end_is_an_error(data: bytes) -> None:
    reader = ClientReader()
    reader.feed(data)
    with pytest.raises(RemoteProtocolError):
        reader.next()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_content_too_large_is_dropped_and_refused_at_its_end(n: int) -> None:
    connection = connected(IN_DATA, max_message_size=1000)
    data = b".x\r\n" * 5000 + b"\r\n.\r\n"
    assert ask(connection, data, n) == ["552 5.3.4 Message size exceeds fixed limit"]
    assert connection.state is State.READY
