"""What a real server decides: its policies and users, and what becomes of a message."""

from __future__ import annotations

import errno
import mailbox
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from mailsim.errors import error_text
from mailsim.live.book import Book
from mailsim.live.store import Store
from mailsim.message import Content, Received
from mailsim.message.submission import completed
from mailsim.mta.policies import Seen
from mailsim.mta.reception import Reception
from mailsim.smtp import FromClient, Reply, ServerSession

__all__ = ["Host", "Peer"]

_LOOP = Reply(554, ("Error: too many hops",), "5.4.0")
_NO_ROOM = Reply(452, ("Insufficient system storage",), "4.3.1")
_NOT_STORED = Reply(451, ("Error: the message could not be stored",), "4.3.0")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Peer(NamedTuple):
    """The connected client: its name if the scenario knows it, and its address."""

    name: str
    address: str


class Host:
    """One host of a scenario, as real clients meet it.

    Parameters
    ----------
    name : str
    reception : Reception
    book : Book
    store : Store or None
        Where accepted mail goes; None drops it.
    in_thread : callable
        Runs a blocking function elsewhere and awaits it: storing must not stop other clients.
    complain : callable
        Takes a line that the user is to see.
    hopcount_limit : int
        Received lines at which a message is taken to be in a loop.
    """

    def __init__(
        self,
        name: str,
        reception: Reception,
        book: Book,
        store: Store | None,
        in_thread: Callable[..., Awaitable[None]],
        complain: Callable[[str], None],
        hopcount_limit: int = 50,
    ) -> None:
        self.name = name
        self.book = book
        self._reception = reception
        self._store = store
        self._in_thread = in_thread
        self._complain = complain
        self._hopcount_limit = hopcount_limit

    def greet(self, peer: Peer, *, is_lmtp: bool = False) -> Reply:
        """Return the greeting, or the refusal that a policy gives."""
        seen = Seen(peer.name, peer.address, "", "", "", "", False)
        refusal = self._reception.refuse("GREETING", seen, self.book.now())
        protocol = "LMTP" if is_lmtp else "ESMTP"
        return refusal or Reply(220, (f"{self.name} {protocol} mailsim",))

    def decide(self, session: ServerSession, value: FromClient, peer: Peer) -> Reply:
        """Return the reply to a command that the session pauses at."""
        return self._reception.decide(session, value, peer.name, peer.address, self.book.now())

    def take_over(
        self, session: ServerSession, peer: Peer, number: int, started_ns: int
    ) -> Reply | Awaitable[Reply]:
        """Take responsibility for the message of a session, or say why not.

        Where it must be stored first, the reply is to be waited for.

        Every accepted recipient gets a copy, those at other hosts too: nothing is ever sent on.

        Parameters
        ----------
        session : ServerSession
        peer : Peer
        number : int
            Number of the message in the tables.
        started_ns : int
            When its MAIL was accepted.
        """
        content = session.content
        assert content is not None
        if session.config.is_submission:
            content = completed(content, session.sender, self.name, number, int(time.time()))
        if content.n_received >= self._hopcount_limit:
            return _LOOP
        queue_id = f"{number:010X}"
        recipients = list(session.recipients)
        line = Received(
            session.helo,
            peer.name,
            peer.address,
            self.name,
            session.protocol,
            queue_id,
            recipients[0] if len(recipients) == 1 else "",
            int(time.time()),
        )
        traced = content.with_received(line)
        reply = Reply(250, (f"Ok: queued as {queue_id}",), "2.0.0")
        sender = session.sender

        def enter() -> Reply:
            outcomes = [(to, "delivered", reply) for to in recipients]
            hops = traced.n_received
            self.book.delivery(number, sender, outcomes, content.size, started_ns, self.name, hops)
            return reply

        if self._store is None:
            return enter()
        return self._stored([_delivered(traced, sender) for _ in recipients], enter)

    async def _stored(self, copies: list[bytes], enter: Callable[[], Reply]) -> Reply:
        assert self._store is not None
        try:
            await self._in_thread(self._store.add, copies)
        except (OSError, mailbox.Error) as error:
            self._complain(f"mailsim: mail cannot be stored: {error_text(error)}")
            is_full = isinstance(error, OSError) and error.errno in _FULL
            return _NO_ROOM if is_full else _NOT_STORED
        return enter()


def _delivered(content: Content, sender: str) -> bytes:
    """Return the octets as a mailbox keeps them: Return-Path on top, lines ended by LF."""
    # RFC 5321 section 4.4: final delivery adds the reverse-path.
    data = f"Return-Path: <{sender}>\r\n".encode() + content.to_bytes()
    return data.replace(b"\r\n", b"\n")
