"""Sessions over octets: any octets, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smtp.helpers import ALICE, CONTENT, ENVELOPE, GREETING, PASSWORDS, advance, ask, connected
from smtp.test_codec import as_read

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Content, Envelope, Filler
from mailsim.smtp import (
    ClientConfig,
    ClientConnection,
    ClientReader,
    Command,
    FromClient,
    Reply,
    ServerConfig,
    ServerConnection,
    State,
)

Seen = list[FromClient | Reply]
PIECES = st.sampled_from(
    [
        b"EHLO x\r\n", b"HELO x\r\n", b"LHLO x\r\n", b"MAIL FROM:<a@b>\r\n", b"MAIL FROM:<a@b>",
        b" SIZE=99999999999\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n", b"a\r\n.\r\n", b".\r\n",
        b"\r\n.\n", b"\n.\r\n", b"\r", b"\n", b"\r\n", b"..x\r\n", b"BDAT 5\r\n",
        b"BDAT 3 LAST\r\n", b"BDAT 0 LAST\r\n", b"BDAT 99999999999999999999\r\n", b"BDAT x\r\n",
        b"BDAT\t\r\n",
        b"BDAT 200\r\n", b"abc", b"x" * 150, b"x" * 3000, b"x" * 13_000, b"RSET\r\n", b"NOOP\r\n",
        b"VRFY x\r\n", b"EXPN x\r\n", b"HELP\r\n", b"QUIT\r\n", b"STARTTLS\r\n", b"AUTH PLAIN\r\n",
        b"AUTH LOGIN YQ==\r\n", b"AUTH CRAM-MD5\r\n", b"AGFsaWNlAHdvbmRlcmxhbmQ=\r\n", b"*\r\n",
        b"FOO\r\n", b"\xff\r\n", "R\u017fET\r\n".encode(), b"\x00",
    ]
)  # fmt: skip
STREAM = st.lists(PIECES | st.binary(max_size=8), max_size=14).map(b"".join)
CUTS = st.lists(st.integers(0, 400), max_size=6) | st.none()
MODES = st.sampled_from(["strict", "normalize", "legacy"])


def pieces(data: bytes, cuts: list[int] | None) -> list[bytes]:
    """Return the octets cut at some places, or byte by byte."""
    places = range(1, len(data)) if cuts is None else sorted({c for c in cuts if c < len(data)})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def served(data: list[bytes], greeting: int, **options: object) -> tuple[Seen, bytes, State]:
    """Return what a server saw and said, up to a TLS handshake."""
    config = ServerConfig("mx", soft_error_limit=0, hard_error_limit=12, **options)  # type: ignore[arg-type]
    connection = ServerConnection(config, "1", is_noted=True)
    connection.reply(Reply(greeting, ("mx",)))
    out = b""
    for piece in data:
        if connection.state is State.TLS:
            break
        connection.receive_data(piece)
        advance(connection)
        out += connection.data_to_send()
    return connection.said, out, connection.state


@pytest.mark.trap("bytes after STARTTLS 220")
@settings(deadline=None)  # thirteen thousand octets one by one take their time
@given(
    STREAM,
    CUTS,
    MODES,
    st.sampled_from([220, 220, 220, 554]),
    st.booleans(),
    st.sampled_from([0, 100]),
    st.sampled_from(["optional", "required"]),
)
def test_a_server_answers_any_octets_the_same_however_they_are_cut(
    data: bytes,
    cuts: list[int] | None,
    mode: str,
    greeting: int,
    is_lmtp: bool,
    limit: int,
    auth: str,
) -> None:
    options = {"line_endings": mode, "is_lmtp": is_lmtp, "max_message_size": limit, "auth": auth}
    whole = served([data], greeting, **options)
    assert served(pieces(data, cuts), greeting, **options) == whole


REPLIES = st.sampled_from(
    [
        b"220 mx\r\n", b"250-mx\r\n250-PIPELINING\r\n", b"250-CHUNKING\r\n250-STARTTLS\r\n",
        b"250 AUTH PLAIN LOGIN CRAM-MD5\r\n", b"250 ok\r\n", b"250\r\n", b"251 x\n", b"354 go\r\n",
        b"235 2.7.0 in\r\n", b"334 \r\n", b"334 VXNlcm5hbWU6\r\n", b"334 %\r\n", b"421 bye\r\n",
        b"450 4.2.0 later\r\n", b"500 what\r\n", b"502 no\r\n", b"521 none\r\n", b"550 no\r\n",
        b"554 no\r\n", b"221 bye\r\n", b"2", b"x\r\n", b"\r\n", b"999 x\r\n", b"250-", b"\xff",
    ]
)  # fmt: skip
ANSWERS = st.lists(REPLIES | st.binary(max_size=4), max_size=14)


def asked(data: list[bytes], **options: object) -> tuple[Seen, str, State]:
    """Return what a client saw and said, and its error if there was one, up to a handshake."""
    seen: Seen = []
    connection = ClientConnection(ClientConfig("x", **options), seen.append)  # type: ignore[arg-type]
    transaction = connection.begin(Envelope("a@b", ("c@d", "e@f")), CONTENT)
    error = ""
    for piece in data:
        if connection.state in (State.TLS, State.CLOSED):
            break
        try:
            connection.receive_data(piece)
        except RemoteProtocolError as problem:
            error = str(problem)
            break
        connection.data_to_send()
    if connection.state is State.CLOSED:
        assert transaction.final is not None
        assert connection.data_to_send() == b""
    return seen, error, connection.state


@settings(deadline=None)
@given(ANSWERS, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_a_client_takes_any_octets_or_says_that_they_are_no_smtp(
    answers: list[bytes], tls: bool, auth: bool, chunking: bool, lmtp: bool, pipelining: bool
) -> None:
    options = {
        "tls": "may" if tls else "none",
        "credentials": ALICE if auth else None,
        "chunking": chunking,
        "is_lmtp": lmtp,
        "pipelining": pipelining,
    }
    once = asked(answers, **options)
    # A server waits for its client: each answer comes on its own, in any number of pieces.
    again = [bytes([octet]) for answer in answers for octet in answer]
    if not once[1]:
        assert asked(again, **options) == once
    else:
        asked(again, **options)


@given(ANSWERS.map(b"".join) | st.binary(max_size=300), CUTS)
def test_the_same_replies_and_the_same_end_however_they_are_cut(
    data: bytes, cuts: list[int] | None
) -> None:
    assert replies_of(pieces(data, cuts)) == replies_of([data])


def replies_of(data: list[bytes]) -> tuple[list[Reply], bool]:
    """Return the replies a client reads, and whether it came upon what is none."""
    reader, replies = ClientReader(), []
    for piece in data:
        reader.feed(piece)
        try:
            while (reply := reader.next()) is not None:
                replies.append(reply)
        except RemoteProtocolError:
            return replies, True
    return replies, False


@pytest.mark.row("X-STARTTLS")
@pytest.mark.trap("bytes after STARTTLS 220")
def test_commands_behind_starttls_in_one_packet_are_dropped() -> None:
    connection = connected(b"EHLO x\r\n")
    assert ask(connection, b"STARTTLS\r\nMAIL FROM:<evil@x>\r\nRSET\r\n") == [
        "220 2.0.0 Ready to start TLS"
    ]
    assert connection.state is State.TLS
    connection.tls_done()
    assert connection.data_to_send() == b""
    assert (connection.state, connection.session.is_tls) == (State.GREETED, True)
    assert ask(connection, b"MAIL FROM:<a@b>\r\n")[0][:3] == "503", "EHLO is needed again"
    assert ask(connection, b"EHLO x\r\nNOOP\r\n")[-1] == "250 2.0.0 Ok"


@pytest.mark.row("X-STARTTLS")
@pytest.mark.trap("bytes after STARTTLS 220")
@pytest.mark.trap("plaintext kept after STARTTLS")
@pytest.mark.parametrize("rest", [b"250-evil\r\n250 AUTH PLAIN\r\n", b"250-half", b"no reply\r\n"])
def test_replies_behind_the_220_in_one_packet_are_dropped(rest: bytes) -> None:
    connection = ClientConnection(ClientConfig("x", tls="encrypt", credentials=ALICE))
    connection.receive_data(b"220 mx\r\n")
    connection.data_to_send()
    connection.receive_data(b"250-mx\r\n250 STARTTLS\r\n")
    assert connection.data_to_send() == b"STARTTLS\r\n"
    connection.receive_data(b"220 go\r\n" + rest)
    assert connection.state is State.TLS
    assert connection.data_to_send() == b""
    connection.tls_done()
    assert connection.session.offers == {}
    assert connection.data_to_send() == b"EHLO x\r\n"
    connection.receive_data(b"250 mx\r\n")
    assert connection.session.offers == {}


@pytest.mark.trap("unsolicited server lines that shift replies")
@pytest.mark.parametrize("data", [b"220 mx\r\n250 x\r\n", b"220 mx\r\n220 mx\r\n"])
def test_a_reply_that_nobody_asked_for_ends_the_session(data: bytes) -> None:
    connection = ClientConnection(ClientConfig("x"))
    transaction = connection.begin(ENVELOPE, CONTENT)
    with pytest.raises(RemoteProtocolError, match="a reply to nothing"):
        connection.receive_data(data)
    assert connection.state is State.CLOSED
    assert transaction.reply_to(0).code == 451


def test_a_whole_dialogue_over_octets_both_ends_observed() -> None:
    spoken: Seen = []
    config = ServerConfig("mx.example.net", auth="required", mechanisms=("CRAM-MD5",))
    server = ServerConnection(config, "1.2", is_noted=True)
    client = ClientConnection(ClientConfig("x", credentials=ALICE), spoken.append)
    transaction = client.begin(ENVELOPE, CONTENT)
    server.reply(GREETING)
    while not client.is_idle or client.state is State.TLS:
        client.receive_data(server.data_to_send())
        if client.state is State.TLS:
            server.tls_done()
            client.tls_done()
        server.receive_data(client.data_to_send())
        advance(server)
        assert client.session.owed or client.is_idle
    assert transaction.reply_to(0).code == 250
    client.quit()
    server.receive_data(client.data_to_send())
    assert server.advance() is None
    client.receive_data(server.data_to_send())
    assert (client.state, server.state) == (State.CLOSED, State.CLOSED)
    said = [as_read(v) if isinstance(v, Content) else v for v in spoken if type(v) is not Reply]
    heard = server.said
    assert [v for v in heard if type(v) is not Reply] == said
    assert [v for v in heard if type(v) is Reply] == [v for v in spoken if type(v) is Reply]
    assert PASSWORDS[server.session.user or "alice"] == ALICE.password
    assert isinstance(CONTENT.body, Filler)


def test_a_server_shuts_down_and_a_client_is_lost() -> None:
    server = connected(b"EHLO x\r\n")
    server.close(Reply(421, ("shutting down",), "4.3.2"))
    assert server.data_to_send() == b"421 4.3.2 shutting down\r\n"
    server.receive_data(b"NOOP\r\n")
    assert server.advance() is None
    client = ClientConnection(ClientConfig("x"))
    transaction = client.begin(ENVELOPE, CONTENT)
    client.lost()
    assert (transaction.reply_to(0).code, client.state) == (451, State.CLOSED)


def test_a_reply_out_of_place_is_the_driver_s_mistake() -> None:
    server = connected(b"EHLO x\r\n")
    with pytest.raises(LocalProtocolError, match="no reply to nothing"):
        server.reply(Reply(250))
    with pytest.raises(LocalProtocolError, match="no STARTTLS"):
        server.tls_done()
    with pytest.raises(LocalProtocolError, match="no STARTTLS"):
        ClientConnection(ClientConfig("x")).tls_done()


def test_the_value_a_reply_is_owed_to_is_given_again() -> None:
    server = connected(b"EHLO x\r\nMAIL FROM:<a@b>\r\n")
    server.receive_data(b"RCPT TO:<c@d>\r\nRSET\r\n")
    assert server.advance() == Command("RCPT", "c@d")
    assert server.advance() == Command("RCPT", "c@d")
    server.reply(Reply(250))
    assert server.advance() is None
    fresh = ServerConnection(ServerConfig("mx"))
    assert (fresh.advance(), fresh.state) == (None, State.CONNECTED)
