"""The end of a connection whose client may still be sending: it is to read why.

Closing a socket with octets in it that nobody has read sends RST, and that can overtake a reply
(RFC 9112 section 9.6 tells the same of HTTP).  So our side is shut first, and what still comes
is thrown away until the client has closed its own, within a time that its connection looks after.
"""

from __future__ import annotations

import asyncio

__all__ = ["Drain"]


class Drain(asyncio.Protocol):
    """Reads and forgets, until the client is gone.

    Parameters
    ----------
    connection : Protocol
        Hears of the end.
    """

    def __init__(self, connection: asyncio.Protocol) -> None:
        self._connection = connection

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass it on."""
        self._connection.connection_lost(exc)
