"""A server's session over octets: what a socket, a transcript or a fuzzer drives.

Feed what arrives to :meth:`ServerConnection.receive_data`, call
:meth:`~ServerConnection.advance` until it returns None, and send what
:meth:`~ServerConnection.data_to_send` gives.  When ``advance`` returns a value, the session is
PAUSED: decide, give the reply, go on.  Replies to a group of commands leave together, once there
is nothing left to read (RFC 2920 section 3.2).
Whatever the octets are, no exception comes out of it.
"""

from __future__ import annotations

from typing import Final

from mailsim.smtp.codec import encode_reply
from mailsim.smtp.server import ServerSession
from mailsim.smtp.server_config import ServerConfig
from mailsim.smtp.server_reader import ServerReader
from mailsim.smtp.states import State
from mailsim.smtp.values import FromClient, Reply

__all__ = ["ServerConnection"]

_CLOSED: Final = State.CLOSED
_TLS: Final = State.TLS
_TLS_OK: Final = Reply(220, ("",))


class ServerConnection:
    """One connection.

    Parameters
    ----------
    config : ServerConfig
    nonce : str
        What the challenge of CRAM-MD5 says before the ``@``; different in each session.
    is_noted : bool
        Whether what is said is kept in :attr:`said`.

    Attributes
    ----------
    session : ServerSession
    said : list of FromClient or Reply
        Every value that was read and every reply that was given, in order, until the driver
        clears it.
    """

    __slots__ = ("_delay_ns", "_is_noted", "_out", "_reader", "said", "session")

    def __init__(self, config: ServerConfig, nonce: str = "", *, is_noted: bool = False) -> None:
        self.session = ServerSession(config, nonce)
        self._reader = ServerReader(config.max_message_size, config.line_endings)
        self._out: list[bytes] = []
        self._delay_ns = 0
        self._is_noted = is_noted
        self.said: list[FromClient | Reply] = []

    @property
    def state(self) -> State:
        """The state of the session."""
        return self.session.state

    def receive_data(self, data: bytes) -> None:
        """Take octets as they arrive, cut anywhere."""
        self._reader.feed(data)

    def advance(self) -> FromClient | None:
        """Read on; return a value whose reply the driver owes, None when there is none.

        None means: more octets are needed, a TLS handshake is due (:attr:`state` is TLS), a
        penalty is due (:meth:`take_delay`), or the session is closed.
        """
        session, reader = self.session, self._reader
        while not (session.awaited or self._delay_ns):
            state = session.state
            if state is _CLOSED or state is _TLS:
                break
            value = reader.next(state)
            if value is None:
                return None
            if self._is_noted:
                self.said.append(value)
            reply = session.receive(value)
            if reply is None:
                return value
            self._say(reply)
            if session.config.is_lmtp:
                self._repeat(reply)
        return session.command if session.awaited not in ("", "GREETING", "TLS") else None

    def _repeat(self, reply: Reply) -> None:
        """Say a refusal to each recipient that is owed one."""
        while self.session.awaited:
            self._say(self.session.reply(reply))

    def reply(self, reply: Reply) -> None:
        """Give the reply that is owed; in LMTP call it once per recipient.

        Raises
        ------
        LocalProtocolError
            If none is owed, or this one is not legal here.
        """
        self._say(self.session.reply(reply))

    def close(self, reply: Reply) -> None:
        """Say 421 and be closed."""
        self._say(self.session.close(reply))

    def _say(self, reply: Reply) -> None:
        session = self.session
        if self._is_noted:
            self.said.append(reply)
        self._out.append(encode_reply(reply))
        if session.delay_ns:
            self._delay_ns = session.delay_ns
        if session.is_out_of_patience:
            self._say(session.close())

    def take_delay(self) -> int:
        """Return how long (ns) to wait before anything is sent or read, and forget it."""
        delay_ns, self._delay_ns = self._delay_ns, 0
        return delay_ns

    def tls_done(self) -> None:
        """Say that the handshake succeeded: the client starts over with EHLO.

        What it sent behind STARTTLS came in the clear, from an attacker perhaps: it is
        forgotten (RFC 3207 section 4.2).
        """
        self._reader.clear()
        self.session.expect_tls()
        self.session.reply(_TLS_OK)

    def data_to_send(self) -> bytes:
        """Return the octets to send now, and forget them."""
        out = self._out
        data = out[0] if len(out) == 1 else b"".join(out)
        out.clear()
        return data
