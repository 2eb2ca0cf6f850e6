"""TLS from the first octet: a client has a slot and a row before its handshake, as any other has.

The event loop makes a protocol only once the handshake is over, so such a port accepts its
clients here.  A stream that the loop has begun to read could lose its first octets to what comes
before TLS; a socket that nobody has read yet cannot.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mailsim.live.connection import Connection
from mailsim.live.outcomes import STOPPING, handshake_failed
from mailsim.smtp import Reply

if TYPE_CHECKING:
    from mailsim.live.server import Listener

__all__ = ["Door", "TlsConnection"]

_AT_ONCE: Final = 100
_RETRY_S: Final = 1.0
_NO_DESCRIPTORS: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Door:
    """Accepts clients at a socket that listens, before anything is read from them.

    Parameters
    ----------
    sock : socket
    welcome : callable
        Takes each new socket, which does not block, and the client's address.
    complain : callable
        Takes what is wrong with this machine: it has no file descriptors left, say.
    """

    def __init__(
        self,
        sock: socket.socket,
        welcome: Callable[[socket.socket, str], None],
        complain: Callable[[OSError], None],
    ) -> None:
        self._sock = sock
        self._welcome = welcome
        self._complain = complain
        self._is_open = True
        sock.setblocking(False)
        self._wait()

    def _wait(self) -> None:
        if self._is_open:
            asyncio.get_running_loop().add_reader(self._sock, self._accept)

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                client, address = self._sock.accept()
            except OSError as error:
                if error.errno in _NO_DESCRIPTORS:
                    loop = asyncio.get_running_loop()
                    loop.remove_reader(self._sock)
                    loop.call_later(_RETRY_S, self._wait)
                    self._complain(error)
                return  # nobody is there any more
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._welcome(client, address[0])

    def close(self) -> None:
        """Accept no more."""
        self._is_open = False
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()


class TlsConnection(Connection):
    """A connection whose handshake begins once it has a slot, and is part of its time.

    Parameters
    ----------
    listener : Listener
    nonce : str
    sock : socket
    """

    def __init__(self, listener: Listener, nonce: str, sock: socket.socket) -> None:
        super().__init__(listener, nonce)
        self._sock: socket.socket | None = sock
        self._shake: asyncio.Task[None] | None = None
        self._is_refused = self._is_in_tls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet inside TLS, or say that there is no room."""
        self._is_in_tls = True
        super().connection_made(transport)
        self._witness.note("TLS handshake")
        if self._is_refused:
            super().refuse()
        else:
            self._greet()

    def start(self) -> None:
        """Shake hands: a worker slot is free."""
        self._accepted_ns = max(self._book.now(), 1)
        self._begin()

    def refuse(self) -> None:
        """Shake hands, to say that there is no room."""
        self._is_refused = True
        self._begin()

    def stop(self, reply: Reply = STOPPING) -> None:
        """Close in order; whoever is not in TLS yet cannot be told why."""
        super().stop(reply)
        if self._transport is None:
            self.abort()

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            super().abort()
        elif self._shake is not None:
            self._shake.cancel()
        else:
            self._drop()

    def _begin(self) -> None:
        self._shake = self._listener.run(self._handshake())
        self._shake.add_done_callback(lambda _: self._drop())  # however it has ended

    async def _handshake(self) -> None:
        sock, self._sock = self._sock, None
        assert sock is not None
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: self, sock, ssl=self._listener.context,
                ssl_handshake_timeout=self._listener.handshake_s,
            )  # fmt: skip
        except OSError as error:
            self._outcome = self._outcome or handshake_failed(error)

    def _drop(self) -> None:
        """End a session that has not come to TLS."""
        if self._sock is not None:
            self._sock.close()
        if not self._is_in_tls:
            self._is_in_tls = True
            self._end(None)
