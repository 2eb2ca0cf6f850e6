"""What real sockets leave behind: the tables of a simulated run, with real time in them."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic_ns
from typing import Final, NamedTuple

from mailsim.live.shared import Counter
from mailsim.message import domain_of
from mailsim.record.log import Log
from mailsim.record.tables import FATES
from mailsim.smtp import FromClient, Reply
from mailsim.smtp.transcript import wire_octets

__all__ = ["Book", "Numbers", "SessionLines"]

_clock: Final = monotonic_ns


class Numbers(NamedTuple):
    """What makes several books one: their numbers, and the zero of their clock.

    Attributes
    ----------
    messages, sessions : Counter
    start_ns : int
        On the monotonic clock, which all processes share.
    """

    messages: Counter
    sessions: Counter
    start_ns: int


class Book:
    """The tables, their clock and their numbers.

    Parameters
    ----------
    log : Log
    traffic : str
        What the ``traffic`` column says.
    numbers : Numbers, optional
        Where several books are one, what they share.

    Attributes
    ----------
    counts : dict of str to int
        Recipients by fate.
    next_message, next_session : callable
        Give the number of a new message, or a new session, from 1.
    """

    def __init__(self, log: Log, traffic: str, numbers: Numbers | None = None) -> None:
        numbers = numbers or Numbers(Counter(), Counter(), monotonic_ns())
        self.log = log
        self.counts = {"submitted": 0, **dict.fromkeys(FATES, 0)}
        self.next_message = numbers.messages.next
        self.next_session = numbers.sessions.next
        self._traffic = traffic
        self._start_ns = numbers.start_ns

    def now(self) -> int:
        """Return nanoseconds since the book was opened."""
        return _clock() - self._start_ns

    def delivery(
        self,
        number: int,
        sender: str,
        outcomes: Iterable[tuple[str, str, Reply]],
        size_bytes: int,
        started_ns: int,
        host: str,
        hops: int,
    ) -> None:
        """Write the fate of the recipients of a message.

        Parameters
        ----------
        number : int
        sender : str
        outcomes : iterable of (str, str, Reply)
            Recipient, fate and the reply that sealed it.
        size_bytes : int
        started_ns : int
            When the transaction began (a server) or the message fell due (a client).
        host : str
            Where it ended.
        hops : int
            Servers that took it over.
        """
        now = self.now()
        for recipient, fate, reply in outcomes:
            is_taken = fate == "delivered"
            self.counts["submitted"] += 1
            self.counts[fate] += 1
            row = (
                number, recipient, sender, self._traffic, domain_of(recipient), size_bytes,
                started_ns, now if is_taken else None, now, now - started_ns, fate, 1, hops,
                host, str(reply),
            )  # fmt: skip
            self.log.deliveries.append(row)

    def depth(self, host: str, queue: str, depth: int, at_ns: int) -> None:
        """Note what a queue has come to, and when on the monotonic clock."""
        self.log.queues.append((at_ns - self._start_ns, host, queue, depth))


class SessionLines:
    """Writes the lines of one session, for transcripts.

    Parameters
    ----------
    book : Book
    session : int

    Attributes
    ----------
    message : int
        Number of the message that the next lines are about; 0 outside a transaction.
    """

    __slots__ = ("_book", "_said", "_session", "message")

    def __init__(self, book: Book, session: int) -> None:
        self._book = book
        self._said = book.log.said
        self._session = session
        self.message = 0

    def note(self, text: str) -> None:
        """Note what happens below SMTP."""
        self._said.add(self._book.now(), self._session, 0, "-", f"{text}\r\n".encode(), -1, 0)

    def say(self, said: FromClient | Reply, at_ns: int) -> None:
        """Note what one side said, as of the current message."""
        side, octets, odd, n_odd = wire_octets(said)
        self._said.add(at_ns, self._session, self.message, side, octets, odd, n_odd)
