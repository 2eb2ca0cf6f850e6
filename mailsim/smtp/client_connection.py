"""A client's session over octets: what a socket or a transcript drives.

Feed what arrives to :meth:`ClientConnection.receive_data` and send
:meth:`~ClientConnection.data_to_send`, as long as there is something to send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mailsim.errors import RemoteProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp.client import ClientSession
from mailsim.smtp.client_config import ClientConfig
from mailsim.smtp.client_reader import ClientReader
from mailsim.smtp.codec import encode
from mailsim.smtp.states import State
from mailsim.smtp.transaction import Transaction
from mailsim.smtp.values import FromClient, Reply

__all__ = ["ClientConnection"]

_NOT_READING: Final = (State.CLOSED, State.TLS)


def _unseen(said: FromClient | Reply) -> None:
    """Let nobody look."""


class ClientConnection:
    """One connection.

    Parameters
    ----------
    config : ClientConfig
    observe : callable, optional
        Sees every value that is sent and every reply that is read, in order.
    nonce : str
        What SCRAM says; different in each session.

    Attributes
    ----------
    session : ClientSession
    """

    __slots__ = ("_observe", "_reader", "session")

    def __init__(
        self,
        config: ClientConfig,
        observe: Callable[[FromClient | Reply], None] = _unseen,
        nonce: str = "",
    ) -> None:
        self.session = ClientSession(config, nonce)
        self._reader = ClientReader()
        self._observe = observe

    @property
    def state(self) -> State:
        """The state of the session, as far as the server's replies tell."""
        return self.session.state

    @property
    def is_idle(self) -> bool:
        """True when no reply is owed and the last transaction, if any, is over."""
        transaction = self.session.transaction
        return not self.session.owed and (transaction is None or transaction.final is not None)

    def begin(self, envelope: Envelope, content: Content) -> Transaction:
        """Start a transaction.

        Raises
        ------
        LocalProtocolError
            If one is under way, or an address would break the command it stands in.
        """
        return self.session.begin(envelope, content)

    def quit(self) -> None:
        """Let QUIT be what is sent next; a transaction under way counts as 451."""
        self.session.quit()

    def receive_data(self, data: bytes) -> None:
        """Take octets as they arrive, cut anywhere.

        Raises
        ------
        RemoteProtocolError
            If they are no replies, or not to what was asked; the session is then lost.
        """
        session, reader = self.session, self._reader
        reader.feed(data)
        try:
            while session.state not in _NOT_READING and (reply := reader.next()) is not None:
                self._observe(reply)
                session.receive(reply)
        except RemoteProtocolError:
            session.lost()
            raise

    def data_to_send(self) -> bytes:
        """Return the octets to send now; empty when a reply is owed or all is done."""
        flight = self.session.flight()
        for value in flight:
            self._observe(value)
        return b"".join([encode(value) for value in flight])

    def tls_done(self) -> None:
        """Say that the handshake succeeded: EHLO comes next.

        What the server sent behind its 220 was not protected: it is forgotten (RFC 3207).
        """
        self._reader.clear()
        self.session.tls_done()

    def lost(self) -> None:
        """Say that the connection is gone; a transaction under way counts as 451."""
        self.session.lost()
