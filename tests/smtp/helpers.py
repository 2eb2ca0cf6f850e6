"""Two machines with nothing between them, and one connection with nobody at its other end."""

from __future__ import annotations

from collections.abc import Iterable

from mailsim.message import Content, Envelope, Head, new_content
from mailsim.smtp import (
    ClientConfig,
    ClientSession,
    Command,
    Credentials,
    FromClient,
    Reply,
    ServerConfig,
    ServerConnection,
    ServerSession,
    State,
    Transaction,
)
from mailsim.smtp.sasl import is_right, shown

GREETING = Reply(220, ("mx.example.net ESMTP",))
HEAD = Head(1, "office.example.org", "a@example.org", "b@example.net", "test", 1_800_000_000)
CONTENT = new_content(HEAD, 1000)
ALICE = Credentials("alice", "wonderland")
PASSWORDS = {"alice": "wonderland"}

EHLO = Command("EHLO", "office.example.org")
MAIL = Command("MAIL", "a@example.org")
RCPT = Command("RCPT", "b@example.net")
DATA = Command("DATA")
ENVELOPE = Envelope("a@example.org", ("b@example.net",))


# -- by values --------------------------------------------------------------------------------


def greeted(**options: object) -> ServerSession:
    """Return a server that has said its greeting."""
    server = ServerSession(ServerConfig("mx.example.net", **options), "1.2")  # type: ignore[arg-type]
    server.reply(GREETING)
    return server


def said(server: ServerSession, *values: FromClient) -> list[Reply]:
    """Return the replies to what a client says; nobody objects where the server pauses."""
    replies = []
    for value in values:
        reply = server.receive(value)
        replies.append(reply if reply is not None else server.reply(server.default_reply()))
    return replies


def codes(server: ServerSession, *values: FromClient) -> list[int]:
    """Return the codes of the replies to what a client says."""
    return [reply.code for reply in said(server, *values)]


def client_in_ready(*offers: str, **options: object) -> ClientSession:
    """Return a client that has had its reply to EHLO."""
    client = ClientSession(ClientConfig("office.example.org", **options))  # type: ignore[arg-type]
    client.receive(GREETING)
    client.flight()
    client.receive(Reply(250, ("mx.example.net", *offers)))
    return client


def verbs_of(flight: Iterable[FromClient]) -> list[str]:
    """Return the verbs of a flight, and the type where there is none."""
    return [v.verb if isinstance(v, Command) else type(v).__name__ for v in flight]


def talk(
    client: ClientSession, server: ServerSession, passwords: dict[str, str] | None = None
) -> list[str]:
    """Let two machines talk until the client has nothing to say; return the verbs."""
    verbs = []
    if server.state is State.CONNECTED:
        client.receive(server.reply(GREETING))
    while flight := client.flight():
        replies = []
        for value in flight:
            verbs += verbs_of((value,))
            replies += replies_to(server, value, passwords or {})
        for reply in replies:
            client.receive(reply)
        if server.state is State.TLS:
            server.expect_tls()
            server.reply(Reply(220, ("",)))
            client.tls_done()
        assert client.state == server.state
    return verbs


def replies_to(
    server: ServerSession, value: FromClient, passwords: dict[str, str] | None = None
) -> list[Reply]:
    """Return the replies to one value: one, but in LMTP one per recipient after the content."""
    reply = server.receive(value)
    replies = [reply if reply is not None else server.reply(decide(server, passwords or {}))]
    while server.awaited:
        replies.append(server.reply(reply or decide(server, passwords or {})))
    return replies


def decide(server: ServerSession, passwords: dict[str, str]) -> Reply:
    """Return what a driver with these users and no objections replies."""
    if not server.awaited.startswith("AUTH"):
        return server.default_reply()
    claim = server.claim
    assert claim is not None
    if claim.user in passwords and is_right(claim, passwords[claim.user]):
        return shown(claim, passwords[claim.user]) or Reply(235, ("Welcome",), "2.7.0")
    return Reply(535, ("No",), "5.7.8")


def delivered(
    recipients: tuple[str, ...] = ("b@example.net",),
    *,
    envelope: Envelope | None = None,
    content: Content = CONTENT,
    server_options: dict[str, object] | None = None,
    **client_options: object,
) -> tuple[Transaction, list[str], ServerSession]:
    """Send one message; return its transaction, the verbs and the server."""
    config = ServerConfig("mx.example.net", **(server_options or {}))  # type: ignore[arg-type]
    server = ServerSession(config, "1.2")
    client = ClientSession(ClientConfig("office.example.org", **client_options))  # type: ignore[arg-type]
    transaction = client.begin(envelope or Envelope("a@example.org", recipients), content)
    verbs = talk(client, server, PASSWORDS)
    return transaction, verbs, server


# -- by octets --------------------------------------------------------------------------------


def connected(start: bytes = b"", **options: object) -> ServerConnection:
    """Return a connection that has said its greeting, and taken some octets; it never waits."""
    config = ServerConfig("mx.example.net", **{"soft_error_limit": 0, **options})  # type: ignore[arg-type]
    connection = ServerConnection(config, "1.2")
    connection.reply(GREETING)
    ask(connection, start)
    return connection


IN_DATA = b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
"""What brings a new session to its content."""


def ask(connection: ServerConnection, data: bytes, n: int = 0) -> list[str]:
    """Return the reply lines to some octets, fed whole or in pieces of ``n``; none is refused."""
    for start in range(0, len(data), n or len(data) or 1):
        connection.receive_data(data[start : start + n] if n else data)
        advance(connection)
    return connection.data_to_send().decode().split("\r\n")[:-1]


def advance(connection: ServerConnection) -> list[FromClient]:
    """Give every reply that is owed; return the values they were about."""
    values: list[FromClient] = []
    while (value := connection.advance()) is not None:
        values.append(value)
        connection.reply(decide(connection.session, PASSWORDS))
    return values
