"""A real client: connections that drive the client machine against somebody's server."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass

from mailsim.errors import RemoteProtocolError
from mailsim.live.book import Book, SessionLines
from mailsim.message import Content, Envelope
from mailsim.smtp import (
    ClientConfig,
    ClientConnection,
    Delivery,
    FromClient,
    Reply,
    State,
    Transaction,
)
from mailsim.smtp.own_replies import LOST
from mailsim.smtp.values import verb_of

__all__ = ["Outcome", "Sender", "Target"]

_CHUNK = 65_536
_CLOSING_S = 1.0
"""How long a connection may take to end: TLS has an end of its own, which some do not answer."""
_MOST_CLOSING = 100
_DROPPED = Reply(451, ("lost connection with the server",), "4.4.2", is_ours=True)
_SILENT = Reply(451, ("timeout: the server did not answer",), "4.4.2", is_ours=True)
_STOPPED = Reply(451, ("stopped by a signal",), "4.4.2", is_ours=True)


@dataclass(frozen=True)
class Target:
    """The server.

    Attributes
    ----------
    address : str
    port : int
    context : ssl.SSLContext or None
        For STARTTLS or TLS from the first octet.
    timeout_s : float
        To wait for the connection, and for each reply.
    """

    address: str
    port: int
    context: ssl.SSLContext | None
    timeout_s: float

    @property
    def name(self) -> str:
        """The server as logs name it."""
        return f"{self.address}:{self.port}"


class Outcome:
    """What became of one message: a reply per recipient, and its times (ns)."""

    __slots__ = ("conn_use", "ended_ns", "mail_ns", "replies", "session", "started_ns")

    def __init__(
        self,
        replies: list[Reply],
        session: int,
        conn_use: int,
        started_ns: int,
        mail_ns: int,
        ended_ns: int,
    ) -> None:
        self.replies = replies
        self.session = session
        self.conn_use = conn_use
        self.started_ns = started_ns
        self.mail_ns = mail_ns
        self.ended_ns = ended_ns


class Sender:
    """One connection at a time to a target, opened when there is something to send.

    Parameters
    ----------
    target : Target
    config : ClientConfig
    book : Book
    """

    def __init__(self, target: Target, config: ClientConfig, book: Book) -> None:
        self._target = target
        self._config = config
        self._book = book
        self._smtp: ClientConnection | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._lines: SessionLines | None = None
        self._session = self._n_messages = self._n_sent = self._n_trips = 0
        self._n_octets = [0, 0]
        self._opened_ns = self._accepted_ns = self._mail_ns = 0
        self._verbs: dict[str, int] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def send(self, envelope: Envelope, content: Content, number: int) -> Outcome:
        """Send one message; recipients that did not fit follow at once (section 4.5.3.1.10).

        Never raises for what a server does: that is in the replies.
        """
        started = self._book.now()
        delivery = Delivery(envelope, content)
        self._mail_ns = 0
        while delivery.rest is not None:
            delivery.take(await self._transaction(delivery.rest, content, number))
        ended = self._book.now()
        return Outcome(
            delivery.replies, self._session, self._n_sent, started,
            self._mail_ns or ended, ended,
        )  # fmt: skip

    async def _transaction(self, envelope: Envelope, content: Content, number: int) -> Transaction:
        session = self._smtp.session if self._smtp is not None else None
        if session is None or session.failure is not None or not session.has_room_for(envelope):
            await self.close()
            await self._open()
        smtp = self._smtp
        assert smtp is not None
        transaction = smtp.begin(envelope, content)
        self._n_sent += 1
        if self._lines is not None:
            self._lines.message = number
        await self._exchange()
        if self._lines is not None:
            self._lines.message = 0
        if any(transaction.reply_to(i).is_positive for i in range(len(envelope.recipients))):
            self._n_messages += 1
        return transaction

    async def close(self) -> None:
        """Say QUIT if there is somebody to say it to; write the row of the session."""
        smtp = self._smtp
        if smtp is None:
            return
        writer = self._writer
        if writer is not None:
            smtp.quit()
            await self._exchange()
            writer.close()
        self._row(smtp)
        self._smtp = self._reader = self._writer = None
        if writer is not None:
            ending = asyncio.ensure_future(_ended(writer))
            self._closing.add(ending)
            ending.add_done_callback(self._closing.discard)
            if len(self._closing) > _MOST_CLOSING:
                await asyncio.wait(self._closing, return_when=asyncio.FIRST_COMPLETED)

    async def finish(self) -> None:
        """Close, and see all connections to their end."""
        await self.close()
        if self._closing:
            await asyncio.wait(self._closing)

    def give_up(self) -> None:
        """Cut the connection, if there is one; write the row of the session."""
        smtp = self._smtp
        if smtp is None:
            return
        smtp.session.lost(_STOPPED)
        if self._writer is not None:
            self._writer.transport.abort()
        self._row(smtp)
        self._smtp = self._reader = self._writer = None

    # -- the wire ---------------------------------------------------------------------------

    async def _open(self) -> None:
        book, target = self._book, self._target
        nonce = secrets.token_hex(12) if self._config.credentials is not None else ""
        self._smtp = ClientConnection(self._config, self._observe, nonce)
        self._session = book.next_session()
        self._opened_ns, self._accepted_ns = book.now(), 0
        self._n_messages = self._n_sent = self._n_trips = 0
        self._n_octets, self._verbs = [0, 0], {}
        if book.log.with_events:
            self._lines = SessionLines(book, self._session)
            self._lines.note(f"connect to {target.name}")
        context = target.context if self._config.tls == "implicit" else None
        try:
            opening = asyncio.open_connection(
                target.address, target.port, ssl=context,
                server_hostname=target.address if context else None,
            )  # fmt: skip
            self._reader, self._writer = await asyncio.wait_for(opening, target.timeout_s)
        except (OSError, TimeoutError) as error:
            text = _error_text(error)
            reply = Reply(451, (f"connect to {target.name}: {text}",), "4.4.1", is_ours=True)
            self._smtp.session.lost(reply)
            return
        self._accepted_ns = book.now()

    async def _exchange(self) -> None:
        """Let octets travel until the client has nothing to send and nothing to wait for."""
        smtp, reader, writer = self._smtp, self._reader, self._writer
        if smtp is None or reader is None or writer is None:
            return
        timeout_s = self._target.timeout_s
        n_owed, give_up_at = 0, 0.0
        try:
            while True:
                data = smtp.data_to_send()
                if data:
                    self._n_octets[0] += len(data)
                    writer.write(data)
                    await asyncio.wait_for(writer.drain(), timeout_s)
                    self._n_trips += 1
                elif not smtp.session.owed:
                    return
                if data or smtp.session.owed != n_owed:  # each reply in its time, not each octet
                    n_owed, give_up_at = smtp.session.owed, time.monotonic() + timeout_s
                left_s = give_up_at - time.monotonic()
                octets = await asyncio.wait_for(reader.read(_CHUNK), left_s)
                if not octets:
                    smtp.session.lost(_DROPPED)
                    return
                self._n_octets[1] += len(octets)
                smtp.receive_data(octets)
                if smtp.state is State.TLS:
                    await self._starttls(smtp, reader, writer)
                elif smtp.state is State.CLOSED:
                    return
        except TimeoutError:
            smtp.session.lost(_SILENT)
            writer.transport.abort()
        except RemoteProtocolError as error:
            text = f"the server broke the protocol: {error}"
            smtp.session.failure = failure = Reply(550, (text,), "5.5.0", is_ours=True)
            transaction = smtp.session.transaction
            if transaction is not None and transaction.final in (None, LOST):
                transaction.final = failure
            writer.transport.abort()
        except (OSError, ssl.SSLError) as error:
            text = f"lost connection: {_error_text(error)}"
            smtp.session.lost(Reply(451, (text,), "4.4.2", is_ours=True))
            writer.transport.abort()

    async def _starttls(
        self, smtp: ClientConnection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        assert self._target.context is not None
        await writer.start_tls(
            self._target.context,
            server_hostname=self._target.address,
            ssl_handshake_timeout=self._target.timeout_s,
        )
        # Nothing may come before our EHLO: what is there came in the clear (RFC 3207 section 5).
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await reader.read(_CHUNK)
        smtp.tls_done()
        if self._lines is not None:
            self._lines.note("TLS handshake")

    def _observe(self, said: FromClient | Reply) -> None:
        if not isinstance(said, Reply):
            verb = verb_of(said)
            self._verbs[verb] = self._verbs.get(verb, 0) + 1
            if verb == "MAIL" and not self._mail_ns:
                self._mail_ns = self._book.now()
        if self._lines is not None:
            self._lines.say(said, self._book.now())

    def _row(self, smtp: ClientConnection) -> None:
        session, config = smtp.session, self._config
        tls = "implicit" if config.tls == "implicit" else "starttls" if session.is_tls else ""
        accepted = self._accepted_ns or None
        auth = session.mechanism if session.is_authenticated else ""
        row = (
            self._session, config.name, self._target.address, self._target.port,
            self._opened_ns, accepted or self._book.now(), accepted, self._book.now(),
            0 if accepted else None, 0, tls, auth,
            " ".join([f"{verb}={n}" for verb, n in self._verbs.items()]),
            self._n_messages, self._n_trips, *self._n_octets,
            str(session.failure) if session.failure is not None else "quit",
        )  # fmt: skip
        self._book.log.sessions.append(row)


async def _ended(writer: asyncio.StreamWriter) -> None:
    """See a connection to its end, which TLS never tells of where the handshake has failed."""
    waiting = asyncio.ensure_future(writer.wait_closed())
    for _ in range(2):
        done, _pending = await asyncio.wait([waiting], timeout=_CLOSING_S)
        writer.transport.abort()  # of no effect where it has ended
        if done:
            break
    waiting.cancel()
    with suppress(OSError, asyncio.CancelledError):
        await waiting


def _error_text(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "Connection timed out"
    number = getattr(error, "errno", None)
    if (
        isinstance(number, int)
        and number in errno.errorcode
        and not isinstance(error, (ssl.SSLError, socket.gaierror))
    ):
        return os.strerror(number)  # asyncio's own text tells the address once more
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
    return str(reason or error)
