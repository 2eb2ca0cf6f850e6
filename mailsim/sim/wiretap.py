"""Every line on the wire of one session, for transcripts; only when a scenario asks for it."""

from __future__ import annotations

from collections.abc import Iterable

from mailsim.record.log import Log
from mailsim.smtp import ClientSession, FromClient, Reply
from mailsim.smtp.transcript import wire_lines

__all__ = ["Wiretap"]


class Wiretap:
    """Collects a session's lines and writes them when it closes.

    Parameters
    ----------
    log : Log
    session : int

    Attributes
    ----------
    wanted_by : int or None
        Number of the message for which a session was opened that came to nothing.
    """

    def __init__(self, log: Log, session: int) -> None:
        self._log = log
        self._session = session
        self.wanted_by: int | None = None
        self._rows: list[tuple[object, ...]] = []

    def note(self, left_ns: int, arrived_ns: int, text: str) -> None:
        """Note what happens below SMTP.

        Parameters
        ----------
        left_ns, arrived_ns : int
            When it began, and when it was over.
        text : str
        """
        self._rows.append((left_ns, arrived_ns, self._session, None, "-", text, 0))

    def commands(
        self, left_ns: int, arrived_ns: int, flight: Iterable[FromClient], client: ClientSession
    ) -> None:
        """Note what the client sends in one flight.

        Parameters
        ----------
        left_ns, arrived_ns : int
            When the flight left, and when it reached the server.
        flight : iterable of FromClient
        client : ClientSession
            Knows which message is under way.
        """
        number = _number(client)
        for value in flight:
            self._add(left_ns, arrived_ns, number, value)

    def replies(
        self, left_ns: int, arrived_ns: int, replies: Iterable[Reply], client: ClientSession
    ) -> None:
        """Note what the server sends in one flight.

        Parameters
        ----------
        left_ns, arrived_ns : int
            When the flight left, and when it reached the client.
        replies : iterable of Reply
        client : ClientSession
            Knows which message is under way.
        """
        number = _number(client) or self.wanted_by
        for reply in replies:
            self._add(left_ns, arrived_ns, number, reply)

    def close(self) -> None:
        """Write the lines into the log, in one go."""
        self._log.events.extend(self._rows)

    def _add(
        self, left_ns: int, arrived_ns: int, number: int | None, said: FromClient | Reply
    ) -> None:
        for side, text, n in wire_lines(said):
            self._rows.append((left_ns, arrived_ns, self._session, number, side, text, n))


def _number(client: ClientSession) -> int | None:
    transaction = client.transaction
    if transaction is None or (transaction.final is not None and client.state != "data"):
        return None
    return transaction.content.number or None
