"""What ``fidelity: wire`` adds to a conversation: every value becomes octets and a value again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mailsim.smtp import (
    ClientReader,
    FromClient,
    Reply,
    ServerConfig,
    ServerReader,
    ServerSession,
    encode,
    encode_reply,
)

__all__ = ["WireCodec"]


class WireCodec:
    """Readers of both ends of one connection.

    Parameters
    ----------
    config : ServerConfig
        Of the server, whose limits its reader keeps.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._server = ServerReader(config.max_message_size, config.line_endings)
        self._client = ClientReader()

    def commands(self, flight: Iterable[FromClient], server: ServerSession) -> Iterator[FromClient]:
        """Give what the server reads of a flight; its state says how to read the next value."""
        self._server.feed(b"".join([encode(value) for value in flight]))
        while (value := self._server.next(server.state)) is not None:
            yield value

    def replies(self, replies: Iterable[Reply]) -> Iterator[Reply]:
        """Give what the client reads of the server's replies."""
        self._client.feed(b"".join([encode_reply(reply) for reply in replies]))
        while (reply := self._client.next()) is not None:
            yield reply
