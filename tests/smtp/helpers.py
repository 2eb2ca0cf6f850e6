"""Two machines with nothing between them."""

from __future__ import annotations

from mailsim.message import Content, Envelope, Head, new_content
from mailsim.smtp import (
    ClientConfig,
    ClientSession,
    Command,
    Credentials,
    Reply,
    ServerConfig,
    ServerSession,
    State,
    Transaction,
)

GREETING = Reply(220, ("mx.example.net ESMTP",))
HEAD = Head(1, "office.example.org", "a@example.org", "b@example.net", "test", 1_800_000_000)
CONTENT = new_content(HEAD, 1000)


def greeted(**options: object) -> ServerSession:
    """Return a server that has said its greeting."""
    server = ServerSession(ServerConfig("mx.example.net", **options))  # type: ignore[arg-type]
    server.reply(GREETING)
    return server


def said(server: ServerSession, *commands: Command) -> list[Reply]:
    """Return the replies to some commands; nobody objects to what the server pauses at."""
    replies = []
    for command in commands:
        reply = server.receive(command)
        replies.append(reply if reply is not None else server.reply(server.default_reply()))
    return replies


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
            verbs.append(value.verb if isinstance(value, Command) else type(value).__name__)
            reply = server.receive(value)
            if reply is None:
                reply = server.reply(_decide(server, passwords or {}))
            replies.append(reply)
        for reply in replies:
            client.receive(reply)
        if server.state is State.TLS:
            server.expect_tls()
            server.reply(Reply(220, ("",)))
            client.tls_done()
        assert client.state == server.state
    return verbs


def _decide(server: ServerSession, passwords: dict[str, str]) -> Reply:
    if server.awaited.startswith("AUTH"):
        claim = server.credentials
        assert claim is not None
        if passwords.get(claim.user) == claim.password:
            return Reply(235, ("Welcome",), "2.7.0")
        return Reply(535, ("No",), "5.7.8")
    return server.default_reply()


def delivered(
    recipients: tuple[str, ...] = ("b@example.net",),
    *,
    content: Content = CONTENT,
    server_options: dict[str, object] | None = None,
    **client_options: object,
) -> tuple[Transaction, list[str], ServerSession]:
    """Send one message; return its transaction, the verbs and the server."""
    passwords = {"alice": "wonderland"}
    server = ServerSession(ServerConfig("mx.example.net", **(server_options or {})))  # type: ignore[arg-type]
    client = ClientSession(ClientConfig("office.example.org", **client_options))  # type: ignore[arg-type]
    transaction = client.begin(Envelope("a@example.org", recipients), content)
    verbs = talk(client, server, passwords)
    return transaction, verbs, server


ALICE = Credentials("alice", "wonderland")
