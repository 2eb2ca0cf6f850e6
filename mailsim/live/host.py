"""What a real server decides: its policies and users, and what becomes of a message."""

from __future__ import annotations

import asyncio
import errno
import mailbox
import random
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mailsim.dns import Answer, Authority
from mailsim.errors import error_text
from mailsim.live.book import Book
from mailsim.live.store import Store
from mailsim.live.witness import Witness
from mailsim.message import Content, Received
from mailsim.message.submission import completed
from mailsim.mta.inquiry import Inquiry
from mailsim.mta.policies import (
    Answers,
    Finding,
    Lookup,
    Overhear,
    Probe,
    Question,
    Verdict,
    Wait,
)
from mailsim.mta.reception import Reception
from mailsim.smtp import FromClient, Reply, ServerSession

if TYPE_CHECKING:
    from mailsim.live.connection import Connection

__all__ = ["Host", "Peer"]

_LOOP: Final = Reply(554, ("Error: too many hops",), "5.4.0")
_NO_ROOM: Final = Reply(452, ("Insufficient system storage",), "4.3.1")
_NOT_STORED: Final = Reply(451, ("Error: the message could not be stored",), "4.3.0")
_GLANCE_S: Final = 0.05
"""How often to look whether a client talks that should not."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Lookups = Callable[[str, str], Answer]
Taken = tuple[int, str, list[str], int, int, int, Reply]
"""A message that the host is responsible for.

Its number, sender, recipients, octets, when its MAIL was accepted (ns), hops, the reply.
"""


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
    lookup : callable, optional
        Answers what policies ask the DNS: a name in small letters, and a type.
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
        lookup: Lookups | None = None,
    ) -> None:
        self.name = name
        self.book = book
        self._reception = reception
        self._store = store
        self._in_thread = in_thread
        self._complain = complain
        self._hopcount_limit = hopcount_limit
        self._lookup = lookup or Authority({}).answer
        self._greetings = [
            Reply(220, (f"{name} {protocol} mailsim",)) for protocol in ("ESMTP", "LMTP")
        ]
        self.asking = reception.asking
        self.has_greeting_policy = reception.has_say("GREETING")

    def opened(self, peer: Peer) -> None:
        """Let policies hear of a client that has got a worker slot."""
        if self.has_greeting_policy:
            self._reception.opened(peer.address, self.book.now())

    def closed(self, peer: Peer) -> None:
        """Let policies hear that it has gone."""
        if self.has_greeting_policy:
            self._reception.closed(peer.address, self.book.now())

    def greeting(self, refusal: Verdict, is_lmtp: bool) -> Reply:
        """Return the greeting, or the refusal that a policy gives."""
        if isinstance(refusal, Reply):
            return refusal
        return self._greetings[is_lmtp]

    async def verdict_on(self, connection: Connection) -> Verdict:
        """Return what policies decide about a client that has connected."""
        peer = connection.peer
        inquiry = self._reception.inquire_greeting(peer.name, peer.address)
        return await self.verdict(inquiry, connection)

    async def judged(self, session: ServerSession, value: FromClient, peer: Peer) -> Verdict:
        """Return what policies decide about a command; what they put on the message is there."""
        inquiry = self._reception.inquire(session, value, peer.name, peer.address)
        verdict = await self.verdict(inquiry)
        if session.content is not None:
            session.content = inquiry.tagged(session.content)
        return verdict

    async def verdict(self, inquiry: Inquiry, connection: Connection | None = None) -> Verdict:
        """Answer what policies ask, in real time, until they have decided.

        Names are looked up in the zones of the scenario.
        """
        answers: Answers = ()
        while inquiry.go_on(self.book.now(), answers):
            asked = [self._answer(question, connection) for question in inquiry.questions]
            answers = tuple(await asyncio.gather(*asked))
        return inquiry.verdict

    async def _answer(self, question: Question, connection: Connection | None) -> Any:
        if isinstance(question, Overhear):
            assert connection is not None
            return await self._overhear(question, connection)
        if isinstance(question, Lookup):
            return self._lookup(question.name.lower(), question.type)
        if isinstance(question, Probe):  # nothing is ever sent on
            question.report(None, self.book.now())
            return None
        if isinstance(question, Wait):
            await asyncio.sleep(question.ns / 1e9)
            return self.book.now()
        if isinstance(question, Finding):
            return None
        return random.random()

    async def _overhear(self, question: Overhear, connection: Connection) -> int | None:
        """Wait until the client talks or its time to be silent is over."""
        if question.banner:
            connection.tease(f"220-{question.banner}\r\n".encode("ascii"))
        end_ns = self.book.now() + question.ns
        while not connection.heard_ns and (left_ns := end_ns - self.book.now()) > 0:
            await asyncio.sleep(min(left_ns / 1e9, _GLANCE_S))
        return connection.heard_ns or None

    def decide(self, session: ServerSession, value: FromClient, peer: Peer) -> Reply:
        """Return the reply to a command that the session pauses at."""
        return self._reception.decide(session, value, peer.name, peer.address, self.book.now())

    def discard(self, session: ServerSession, witness: Witness) -> Reply:
        """Take the message of a session and let it vanish."""
        assert session.content is not None
        number, started_ns = witness.message, witness.mail_ns
        reply = Reply(250, (f"Ok: queued as {number:010X}",), "2.0.0")
        outcomes = [(to, "discarded", reply) for to in session.recipients]
        size, hops = session.content.size, session.content.n_received + 1
        self.book.delivery(number, session.sender, outcomes, size, started_ns, self.name, hops)
        return reply

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
        hops = content.n_received + 1
        if hops > self._hopcount_limit:
            return _LOOP
        queue_id = f"{number:010X}"
        recipients, sender = list(session.recipients), session.sender
        reply = Reply(250, (f"Ok: queued as {queue_id}",), "2.0.0")

        taken = (number, sender, recipients, content.size, started_ns, hops, reply)
        if self._store is None:
            self._enter(taken)
            return reply
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
        return self._stored([_delivered(traced, sender) for _ in recipients], taken)

    def _enter(self, taken: Taken) -> None:
        """Enter a message into the tables."""
        number, sender, recipients, size, started_ns, hops, reply = taken
        outcomes = [(to, "delivered", reply) for to in recipients]
        self.book.delivery(number, sender, outcomes, size, started_ns, self.name, hops)
        if self._reception.counts_mail:
            self._reception.has_stored(recipients, size)

    async def _stored(self, copies: list[bytes], taken: Taken) -> Reply:
        assert self._store is not None
        try:
            await self._in_thread(self._store.add, copies)
        except (OSError, mailbox.Error) as error:
            self._complain(f"mailsim: mail cannot be stored: {error_text(error)}")
            is_full = isinstance(error, OSError) and error.errno in _FULL
            return _NO_ROOM if is_full else _NOT_STORED
        self._enter(taken)
        return taken[-1]


def _delivered(content: Content, sender: str) -> bytes:
    """Return the octets as a mailbox keeps them: Return-Path on top, lines ended by LF."""
    # RFC 5321 section 4.4: final delivery adds the reverse-path.
    data = f"Return-Path: <{sender}>\r\n".encode() + content.to_bytes()
    return data.replace(b"\r\n", b"\n")
