"""Mail clients: people and programs that submit messages to their server."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from simpy import Event

from mailsim.dns import SERVFAIL
from mailsim.message import Content, Envelope
from mailsim.sim.clock import SECOND
from mailsim.sim.conversation import Conversation
from mailsim.sim.resolver import Resolver
from mailsim.sim.service import Service
from mailsim.sim.tls import TlsSessions
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, Credentials, Delivery, Reply
from mailsim.smtp.client_config import SPOKEN
from mailsim.smtp.sasl import MECHANISMS

__all__ = ["ClientHost", "Outgoing", "Submission"]

_TLS_LIFETIME = 7200 * SECOND
"""Of a ticket, as OpenSSL's servers give it out for TLS 1.3 and 1.2: two hours."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Where and how the clients of a host submit.

    Attributes
    ----------
    server : str
        Host name.
    port : int
    tls : str
        ``none``, ``may`` or ``encrypt``.
    pipelining, chunking : bool
    connections : int
        Connections that a bulk sender opens at most, at a time.
    messages_per_connection : int
        After which a bulk sender opens a new one.
    tls_resumption : bool
        Resume TLS sessions.
    initial_response : bool
        Send the first response of AUTH along with the command.
    asks_verp : bool
        Some of the messages ask for XVERP.
    mechanisms : tuple of str
        SASL mechanisms, the one they like best first.
    """

    server: str
    port: int = 587
    tls: str = "encrypt"
    pipelining: bool = True
    chunking: bool = False
    connections: int = 10
    messages_per_connection: int = 100
    tls_resumption: bool = False
    initial_response: bool = True
    asks_verp: bool = False
    mechanisms: tuple[str, ...] = MECHANISMS


class Outgoing(NamedTuple):
    """A message that is due at a client."""

    envelope: Envelope
    content: Content
    due_ns: int


class ClientHost:
    """The clients of one host.

    Parameters
    ----------
    world : World
    name : str
    submission : Submission
    credentials_for : callable
        Gives the credentials for an envelope sender, or None to go without AUTH.
    """

    def __init__(
        self,
        world: World,
        name: str,
        submission: Submission,
        credentials_for: Callable[[str], Credentials | None],
    ) -> None:
        self.world = world
        self.name = name
        self._submission = submission
        self._credentials_for = credentials_for
        self._resolver = Resolver.of(world, name)
        self._types = world.address_types(name)[::-1]  # IPv6 first: RFC 6724 section 2.1
        self._tls_sessions = TlsSessions(_TLS_LIFETIME) if submission.tls_resumption else None
        self._configs: dict[str, ClientConfig] = {}
        self._outbox: deque[Outgoing] = deque()
        self._in_hand: dict[int, Outgoing] = {}
        self._over: dict[int, Event] = {}
        self._n_bulk = 0
        self._depth = 0

    def held(self) -> Iterator[tuple[int, str, int, str]]:
        """Iterate over the recipients of all messages here: message, recipient, 0 hops, host."""
        for message in (*self._outbox, *self._in_hand.values()):
            for recipient in message.envelope.recipients:
                yield message.content.number, recipient, 0, self.name

    def submit(self, message: Outgoing, traffic: str, *, is_bulk: bool) -> None:
        """Take a message that is due: a person sends it at once, a program through its outbox."""
        self._enter(message, traffic)
        self._send(message, is_bulk=is_bulk)

    def over(self, message: Outgoing) -> Event:
        """Return the event that it is known what became of a message; before it is submitted."""
        event = self._over[message.content.number] = self.world.env.event()
        return event

    def _enter(self, message: Outgoing, traffic: str) -> None:
        envelope, content = message.envelope, message.content
        self.world.ledger.open(
            content.number,
            envelope.sender,
            envelope.recipients,
            traffic,
            content.size,
            message.due_ns,
            self.name,
        )

    def _send(self, message: Outgoing, *, is_bulk: bool) -> None:
        content = message.content
        if not is_bulk:
            self._in_hand[content.number] = message
            self.world.env.process(self._session([message]))
            return
        self._outbox.append(message)
        if self._n_bulk < self._submission.connections:
            self._n_bulk += 1
            self.world.env.process(self._bulk())
        self._note_depth()

    def _bulk(self) -> Generator[Event, Any, None]:
        """Empty the outbox over one connection after another."""
        while self._outbox:
            yield from self._session(None)
        self._n_bulk -= 1

    def _session(self, only: list[Outgoing] | None) -> Generator[Event, Any, None]:
        """Submit ``only`` these messages, or what the outbox holds, over one connection.

        Where the server's LIMITS end the session, what is left goes over another.
        """
        world, submission = self.world, self._submission
        number = world.next_number()
        message = self._take(only)
        if message is None:
            return
        started = world.env.now
        for type in self._types:
            kept = self._resolver.cached(submission.server, type)
            if kept is None:
                kept = yield from self._resolver.ask(submission.server, type, number)
            answer = kept
            if answer.data:
                break
        mail_host = world.mail_hosts[submission.server]
        if not answer.data:
            text = f"Host not found: {submission.server}"
            reply = Reply(550, (text,), "5.4.4", is_ours=True)
            if answer.status == SERVFAIL:
                reply = Reply(451, (f"{text}, try again",), "4.4.3", is_ours=True)
            replies = [reply] * len(message.envelope.recipients)
            self._finish(message, None, replies, started)
            return
        service = mail_host.services[submission.port]
        config = self._config(message.envelope.sender)
        conversation = self._conversation(service, number, config)
        if answer.data[0] != service.address:
            conversation.go_to(answer.data[0])
        yield from conversation.open(message.content.number)
        if not conversation.session and conversation.client.failure is not None:
            replies = [conversation.client.failure] * len(message.envelope.recipients)
            self._finish(message, None, replies, started)
            return
        while message is not None:
            delivery = Delivery(message.envelope, message.content)
            yield from conversation.send(delivery)
            yield world.at(max(conversation.t, world.env.now), number)
            self._finish(message, conversation, delivery.replies, started, delivery.rest)
            if delivery.rest is not None:
                waiting = self._outbox if only is None else only
                waiting.insert(0, message._replace(envelope=delivery.rest))
                self._note_depth()
            if (
                delivery.rest is not None
                or not conversation.is_usable
                or conversation.n_sent >= submission.messages_per_connection
            ):
                break
            message = self._take(only)
            started = conversation.t = world.env.now
        if only is None and self._outbox:
            conversation.leave()  # the next connection does not wait until QUIT is there
        else:
            yield from conversation.quit()
        if only:
            yield from self._session(only)

    def _conversation(self, service: Service, number: int, config: ClientConfig) -> Conversation:
        sessions = self._tls_sessions
        return Conversation(self.world, number, self.name, config, service, sessions)

    def _take(self, only: list[Outgoing] | None) -> Outgoing | None:
        source = self._outbox if only is None else only
        if not source:
            return None
        message = source.pop() if only is not None else self._outbox.popleft()
        self._in_hand[message.content.number] = message
        self._note_depth()
        return message

    def _config(self, sender: str) -> ClientConfig:
        config = self._configs.get(sender)
        if config is None:
            submission = self._submission
            config = self._configs[sender] = ClientConfig(
                self.name,
                tls=submission.tls,
                credentials=self._credentials_for(sender),
                mechanisms=submission.mechanisms,
                initial_response=submission.initial_response,
                pipelining=submission.pipelining,
                chunking=submission.chunking,
                rset_between=False,
                extension_names=(*SPOKEN, "XVERP") if submission.asks_verp else SPOKEN,
            )
        return config

    def _finish(
        self,
        message: Outgoing,
        conversation: Conversation | None,
        replies: list[Reply],
        started_ns: int,
        rest: Envelope | None = None,
    ) -> None:
        """Write the rows of a submission; what the server refused ends here, the rest goes on."""
        world, now = self.world, self.world.env.now
        number, recipients = message.content.number, message.envelope.recipients
        del self._in_hand[number]
        left = frozenset() if rest is None else frozenset(rest.recipients)
        # Before the first transaction there is no reply, and everybody is left.
        for recipient, reply in zip(recipients, replies, strict=bool(replies)):
            if recipient in left:
                continue
            is_sent = reply.code < 400
            if not is_sent:
                world.ledger.seal(number, recipient, "refused", now, self.name, 0, str(reply))
            status = "sent" if is_sent else "refused"
            self._row(message, recipient, conversation, reply, started_ns, status)
        if rest is None and number in self._over:
            self._over.pop(number).succeed()

    def _row(
        self,
        message: Outgoing,
        recipient: str,
        conversation: Conversation | None,
        reply: Reply,
        started_ns: int,
        status: str,
    ) -> None:
        now = mail_ns = self.world.env.now
        relay, session, n_use = "none", None, 0
        if conversation is not None:
            relay, session = conversation.relay_name, conversation.session
            n_use = conversation.n_sent
            if conversation.mail_ns >= 0:
                mail_ns = conversation.mail_ns
        self.world.log.attempts.append(
            (
                message.content.number,
                recipient,
                self.name,
                self._submission.server,
                relay,
                session,
                n_use,
                now,
                now - message.due_ns,
                0,
                started_ns - message.due_ns,
                mail_ns - started_ns,
                now - mail_ns,
                status,
                None if reply.is_ours else reply.code,
                reply.enhanced,
                reply.text,
            )
        )

    def _note_depth(self) -> None:
        depth = len(self._outbox)
        if depth != self._depth:
            self._depth = depth
            self.world.log.queues.append((self.world.env.now, self.name, "outbox", depth))
