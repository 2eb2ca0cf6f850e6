"""Hosts that may crash: what dies with them, what their disk keeps, how they begin again.

The queue is on disk and survives (RFC 5321 section 6.1); so do an outbox and the messages that
people have written.  Processes, connections and the resolver's cache do not.  A process that was
under way ends by :class:`~mailsim.sim.exposed.Crashed` when it next looks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

from simpy import Event

from mailsim.dns import Answer
from mailsim.message import Envelope
from mailsim.mta.attempt import Attempt
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.queue import Entry
from mailsim.mta.reception import Reception
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers import FeedbackScheduler, Scheduler
from mailsim.mta.settings import Settings
from mailsim.sim.client import ClientHost, Outgoing, Submission
from mailsim.sim.clock import SECOND
from mailsim.sim.conversation import Conversation
from mailsim.sim.exposed import EXPIRED, Crashed, ExposedConversation
from mailsim.sim.exposed_service import ExposedService
from mailsim.sim.mailhost import MailHost
from mailsim.sim.relay import Relay
from mailsim.sim.resolver import Resolver
from mailsim.sim.security import Secured
from mailsim.sim.service import Service
from mailsim.sim.waits import waits_of
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, Credentials, Reply

__all__ = ["ExposedClientHost", "ExposedMailHost", "ExposedRelay"]

_AGAIN_NS = 60 * SECOND
"""After which a client tries once more what the network kept from its server (assumption)."""


class ExposedRelay(Relay):
    """The delivery agents of a host between two crashes.

    Attributes
    ----------
    is_dead : bool
    """

    is_dead = False

    def __init__(self, world: World, host: MailHost) -> None:
        super().__init__(world, host)
        self._waits = waits_of(host.settings)

    def work(self) -> None:
        """Start agents, unless the machine is down."""
        if not self.is_dead:
            super().work()

    def go_on(self) -> None:
        """Begin with what the disk has kept; what fell due meanwhile is due now."""
        self._take_due()
        self._plan_scan()
        self.work()

    def _deliver(self, entry: Entry) -> Generator[Event, Any, None]:
        with suppress(Crashed):
            yield from super()._deliver(entry)

    def _no_service(self, target: str, number: int) -> Generator[Event, Any, str]:
        """Wait in vain for a host that cannot be reached, as for one that is none."""
        if target and not self._world.network.reaches(self._host.name, target):
            target = ""
        return (yield from super()._no_service(target, number))

    def _conversation(self, service: Service, number: int) -> Conversation:
        name, sessions = self._host.name, self._tls_sessions
        made = ExposedConversation(self._world, number, name, self._config, service, sessions)
        made.waits = self._waits
        return made

    def _open(
        self,
        service: Service,
        address: str,
        attempt: Attempt[Conversation],
        number: int,
        secured: Secured | None,
    ) -> Generator[Event, Any, Conversation]:
        self._look()  # a lookup may have taken its time
        return (yield from super()._open(service, address, attempt, number, secured))

    def _connect(
        self,
        attempt: Attempt[Conversation],
        conversation: Conversation | None,
        number: int,
        site: int = 0,
    ) -> Generator[Event, Any, Conversation | None]:
        """Try the hosts, that of a kept connection too if only the connection was dead."""
        self._look()
        if conversation is not None and _is_of_network(conversation.client.failure):
            conversation = None
        return (yield from super()._connect(attempt, conversation, number, site))

    def _finish(self, attempt: Attempt[Conversation], handed_ns: int) -> None:
        self._look()
        super()._finish(attempt, handed_ns)

    def _scan(self, event: Event) -> None:
        if not self.is_dead:
            super()._scan(event)

    def _look(self) -> None:
        if self.is_dead:
            raise Crashed


class ExposedMailHost(MailHost):
    """A mail host that may crash."""

    def __init__(
        self,
        world: World,
        name: str,
        settings: Settings,
        reception: Reception,
        mailboxes: Mailboxes,
        routing: Routing,
        service_ns: Callable[[], int],
        scheduler: Scheduler,
    ) -> None:
        super().__init__(
            world, name, settings, reception, mailboxes, routing, service_ns, scheduler
        )
        world.machines.install(name, self)

    def _new_relay(self) -> Relay:
        return ExposedRelay(self.world, self)

    def crash(self) -> None:
        """Let all processes and connections die."""
        for service in self.services.values():
            assert isinstance(service, ExposedService)
            service.crash()
        assert isinstance(self.relay, ExposedRelay)
        self.relay.is_dead = True
        self.world.resolvers.pop(self.name, None)

    def restart(self) -> None:
        """Start again with the queue that the disk has kept."""
        old = self.queue.scheduler
        new = old.anew() if isinstance(old, FeedbackScheduler) else type(old)(self.settings)
        self.queue.restart(new, self.world.env.now)
        relay = ExposedRelay(self.world, self)
        self.relay = relay
        relay.go_on()


class ExposedClientHost(ClientHost):
    """Clients whose machine may crash, and whose server may be out of reach.

    What the network has kept from the server stays in the outbox and is tried again a minute
    later.
    """

    def __init__(
        self,
        world: World,
        name: str,
        submission: Submission,
        credentials_for: Callable[[str], Credentials | None],
    ) -> None:
        super().__init__(world, name, submission, credentials_for)
        self._machine = self.world.machines[self.name]
        self.world.machines.install(self.name, self)
        self._resolver = self._new_resolver()
        self._of_programs: set[int] = set()

    def _conversation(self, service: Service, number: int, config: ClientConfig) -> Conversation:
        sessions = self._tls_sessions
        conversation = ExposedConversation(self.world, number, self.name, config, service, sessions)
        conversation.is_verifying = True
        return conversation

    def submit(self, message: Outgoing, traffic: str, *, is_bulk: bool) -> None:
        """Take a message that is due; on a machine that is down it waits for the restart."""
        self._enter(message, traffic)
        if is_bulk:
            self._of_programs.add(message.content.number)
        if self._machine.is_down:
            self._in_hand[message.content.number] = message
        else:
            self._send(message, is_bulk=is_bulk)

    def crash(self) -> None:
        """Let all sessions die."""
        self._n_bulk = 0

    def restart(self) -> None:
        """Begin again with what is not known to be sent."""
        self._resolver = self._new_resolver()
        waiting = sorted(self._in_hand.items())
        self._in_hand.clear()
        for number, message in waiting:
            self._send(message, is_bulk=number in self._of_programs)
        while self._n_bulk < min(self._submission.connections, len(self._outbox)):
            self._n_bulk += 1
            self.world.env.process(self._bulk())

    def _new_resolver(self) -> Resolver:
        resolver = _ExposedResolver(self.world, self.name)
        self.world.resolvers[self.name] = resolver
        return resolver

    def _bulk(self) -> Generator[Event, Any, None]:
        with suppress(Crashed):
            yield from super()._bulk()

    def _session(self, only: list[Outgoing] | None) -> Generator[Event, Any, None]:
        try:
            yield from super()._session(only)
        except Crashed:
            if only is None:  # a program's, which has more to send: all of it ends
                raise

    def _finish(
        self,
        message: Outgoing,
        conversation: Conversation | None,
        replies: list[Reply],
        started_ns: int,
        rest: Envelope | None = None,
    ) -> None:
        """Finish a submission, but for those recipients whom the network kept from the server."""
        envelope = message.envelope
        again = [i for i, reply in enumerate(replies) if _is_of_network(reply)]
        if not again:
            super()._finish(message, conversation, replies, started_ns, rest)
            return
        for i in again:
            to, reply = envelope.recipients[i], replies[i]
            self._row(message, to, conversation, reply, started_ns, "deferred")
        left = envelope._replace(
            recipients=tuple([envelope.recipients[i] for i in again]),
            rcpt_params=tuple([envelope.of_recipient(i) for i in again])
            if envelope.rcpt_params
            else (),
        )
        super()._finish(message, conversation, replies, started_ns, left)
        self._send_again(message._replace(envelope=left))

    def _send_again(self, message: Outgoing) -> None:
        """Keep a message at hand, and send it in a while, unless a restart does so before."""
        number, n_boots = message.content.number, self._machine.n_boots
        self._in_hand[number] = message

        def send(_: Event) -> None:
            if n_boots == self._machine.n_boots:
                del self._in_hand[number]
                self._send(message, is_bulk=number in self._of_programs)

        world = self.world
        point = world.at(world.env.now + _AGAIN_NS, world.next_number())
        assert point.callbacks is not None
        point.callbacks.append(send)


class _ExposedResolver(Resolver):
    """A resolver whose askers die with their machine."""

    def ask(self, name: str, type: str, number: int) -> Generator[Event, Any, Answer]:
        """Ask the network.

        Raises
        ------
        Crashed
            If the machine has crashed before there is an answer.
        """
        machine = self._world.machines[self._host]
        n_boots = machine.n_boots
        answer = yield from super().ask(name, type, number)
        if machine.n_boots != n_boots:
            raise Crashed
        return answer


def _is_of_network(reply: Reply | None) -> bool:
    """Tell whether it is the network that kept us from a server, or doubt who it is."""
    return (
        reply is not None
        and reply.is_ours
        and (reply.enhanced.startswith("4.4.") or reply.enhanced == EXPIRED.enhanced)
    )
