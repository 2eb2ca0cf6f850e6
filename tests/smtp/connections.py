"""The connections the golden transcripts run on: today's machines, or the facades once there."""

from __future__ import annotations

import mailsim.smtp
from mailsim.message import Content, Envelope
from mailsim.smtp import (
    ClientConfig,
    ClientReader,
    ClientSession,
    FromClient,
    Reply,
    ServerConfig,
    ServerReader,
    ServerSession,
    State,
    Transaction,
    encode,
    encode_reply,
)

HAVE_FACADES = hasattr(mailsim.smtp, "ServerConnection")


class _Server:
    """``ServerConnection`` over today's session and reader."""

    def __init__(self, config: ServerConfig, nonce: str = "") -> None:
        self.session = ServerSession(config)
        self._reader = ServerReader()
        self._out = b""

    @property
    def state(self) -> State:
        return self.session.state

    def receive_data(self, data: bytes) -> None:
        self._reader.feed(data)

    def advance(self) -> FromClient | None:
        while self.state not in (State.TLS, State.CLOSED):
            value = self._reader.next(self.state)
            if value is None:
                return None
            reply = self.session.receive(value)
            if reply is None:
                return value
            self._out += encode_reply(reply)
        return None

    def reply(self, reply: Reply) -> None:
        self._out += encode_reply(self.session.reply(reply))

    def data_to_send(self) -> bytes:
        out, self._out = self._out, b""
        return out

    def tls_done(self) -> None:
        self._reader = ServerReader()
        self.session.expect_tls()
        self.session.reply(Reply(220, ("",)))


class _Client:
    """``ClientConnection`` over today's session and reader."""

    def __init__(self, config: ClientConfig) -> None:
        self.session = ClientSession(config)
        self._reader = ClientReader()

    @property
    def state(self) -> State:
        return self.session.state

    def receive_data(self, data: bytes) -> None:
        self._reader.feed(data)
        while self.state is not State.TLS and (reply := self._reader.next()) is not None:
            self.session.receive(reply)

    def data_to_send(self) -> bytes:
        return b"".join([encode(value) for value in self.session.flight()])

    def begin(self, envelope: Envelope, content: Content) -> Transaction:
        return self.session.begin(envelope, content)

    def quit(self) -> None:
        self.session.quit()

    def tls_done(self) -> None:
        self._reader = ClientReader()
        self.session.tls_done()


ServerConnection = getattr(mailsim.smtp, "ServerConnection", _Server)
ClientConnection = getattr(mailsim.smtp, "ClientConnection", _Client)
