"""The sending side of a mail host: delivery agents that take entries from the queue."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from mailsim.message import Envelope, to_seven_bit
from mailsim.mta.attempt import ADDRESS_LIMIT, Attempt, as_temporary
from mailsim.mta.queue import LATE, Entry
from mailsim.mta.queued import Told
from mailsim.mta.schedulers import FeedbackScheduler
from mailsim.sim.attempt_rows import write_attempts
from mailsim.sim.connections import ConnectionCache
from mailsim.sim.conversation import Conversation
from mailsim.sim.judging import NO_FALLBACK, ends_nowhere, is_late, needs_seven_bit
from mailsim.sim.learning import Learning
from mailsim.sim.nexthop import NextHop
from mailsim.sim.security import Secured, Security, base_level
from mailsim.sim.service import Service
from mailsim.sim.tls import TlsSessions
from mailsim.sim.transport import TIMED_OUT
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, Delivery, Reply
from mailsim.smtp.probe import ProbeSession

if TYPE_CHECKING:
    from mailsim.sim.mailhost import MailHost

__all__ = ["Relay"]


class Relay:
    """The delivery agents of one host.

    One agent is one SimPy process with at most one connection.  When its delivery is over it
    takes the entry that the scheduler picks next, for whatever destination.  It leaves its
    connection to the next delivery of the same destination if more of those wait; otherwise it
    says QUIT and goes on at once, as Postfix does not wait for the answer.

    Parameters
    ----------
    world : World
    host : MailHost
    """

    def __init__(self, world: World, host: MailHost) -> None:
        self._world = world
        self._host = host
        self._queue = host.queue
        settings = host.settings
        preference, is_random = settings.smtp_address_preference, settings.smtp_randomize_addresses
        self._next_hop = NextHop(world, host.name, preference, is_random=is_random)
        self._fallback = settings.smtp_fallback_relay
        self._kept = ConnectionCache(world)
        self._tls_sessions = (
            TlsSessions(settings.smtp_tls_session_cache_timeout)
            if settings.smtp_tls_session_cache_database
            else None
        )
        self._n_agents = 0
        self._process_limit = host.settings.default_process_limit
        self._learning: Learning | None = None
        if isinstance(scheduler := host.queue.scheduler, FeedbackScheduler):
            self._learning = Learning(world, scheduler, self._defer, self.work)
            self._process_limit = scheduler.process_limit
        self._scan_ns: int | None = None
        self._depths = {"incoming": 0, "active": 0, "deferred": 0}
        self._config = ClientConfig(
            host.name,
            tls=base_level(settings.smtp_tls_security_level),
            pipelining=settings.smtp_pipelining,
            chunking=settings.smtp_chunking,
        )
        self._security = Security.of(world, host.name, settings, self._config)

    def work(self) -> None:
        """Start as many agents as the queue has work for and the process limit allows."""
        if self._learning is not None:
            self._learning.settle()
        scheduler, env = self._queue.scheduler, self._world.env
        limit, now = self._process_limit, env.now
        while self._n_agents < limit:
            entry = scheduler.pick(now)
            if entry is None:
                break
            self._n_agents += 1
            env.process(self._deliver(entry))
        self._rest()

    def _deliver(self, entry: Entry) -> Generator[Event, Any, None]:
        """Deliver an entry, and then what the scheduler picks, until there is nothing more."""
        world, env, scheduler = self._world, self._world.env, self._queue.scheduler
        number = world.next_number()
        spare: Conversation | None = None
        now = env.now
        while True:
            handed_ns = now
            self._count(entry)
            attempt: Attempt[Conversation] = Attempt(entry)
            conversation = spare or self._kept.take(entry.destination)
            if conversation is not None:
                conversation.hand_to(number)
                conversation = yield from self._talk(conversation, attempt, number)
            if not ends_nowhere(world, self._host.name, attempt) and attempt.goes_on:
                conversation = yield from self._connect(attempt, conversation, number)
            if conversation is not None:
                yield world.at(max(conversation.t, env.now), number)
            now = env.now
            if self._learning is not None:
                self._learning.heard(attempt, now)
            self._finish(attempt, handed_ns)
            scheduler.release(entry, now)
            following = scheduler.pick(now)
            spare = self._part(conversation, entry.destination, following)
            if following is None:
                break
            entry = following
            self.work()  # what has just become active may need further agents
        self._n_agents -= 1
        self._rest()

    def _rest(self) -> None:
        """See to what cannot start now."""
        if self._learning is not None:
            self._learning.settle()
        self._note_depths()

    def _defer(self, entry: Entry, why: Reply) -> None:
        """Defer an entry without an attempt to connect."""
        now = self._world.env.now
        self._count(entry)
        attempt: Attempt[Conversation] = Attempt(entry)
        attempt.end(why, now)
        self._finish(attempt, now)

    def _part(
        self, conversation: Conversation | None, destination: str, following: Entry | None
    ) -> Conversation | None:
        """Return the connection if the following delivery uses it; else keep it, or QUIT."""
        if conversation is None:
            return None
        if self._may_keep(conversation):
            if following is not None and following.destination == destination:
                return conversation
            if self._queue.scheduler.has_more(destination):
                self._kept.put(destination, conversation)
                return None
        conversation.leave()
        return None

    def _count(self, entry: Entry) -> None:
        """Count an attempt as it begins: the receiver may seal a fate before we hear of it."""
        number, attempted = entry.message.content.number, self._world.ledger.attempted
        for recipient in entry.recipients:
            attempted(number, recipient)

    def _connect(
        self,
        attempt: Attempt[Conversation],
        conversation: Conversation | None,
        number: int,
        site: int = 0,
    ) -> Generator[Event, Any, Conversation | None]:
        """Try the destination's hosts in order until all recipients are settled.

        One to which a kept connection led is not tried again.  Whom none of them takes or
        refuses, a fallback relay is asked to take: ``site`` counts these.  A host that is an
        exchanger of the destination itself has none, else mail would go in circles.  Returns the
        connection that is open at the end, if any.
        """
        world = self._world
        if is_late(attempt, world.env.now):
            attempt.end(LATE, world.env.now)
            return conversation
        tried = conversation.service if conversation is not None else None
        if conversation is not None:
            yield world.at(max(conversation.t, world.env.now), number)
        destination = attempt.entry.destination if not site else self._fallback[site - 1]
        if self._learning is not None:
            destination = destination.rpartition(":")[2]  # without the transport
        found = yield from self._next_hop.resolve(destination, number)
        if isinstance(found, Reply):
            if site < len(self._fallback) and found.enhanced not in NO_FALLBACK:
                return (yield from self._connect(attempt, conversation, number, site + 1))
            if conversation is None:
                attempt.end(found, world.env.now)
            return conversation
        plan, secured = None, None
        if self._security is not None:
            plan = yield from self._security.plan(destination, number)
        for name, address in found[:ADDRESS_LIMIT]:
            target = world.hosts_at.get(address, "")
            host = world.mail_hosts.get(target)
            service = host.services.get(25) if host is not None else None
            if service is not None and service is tried:
                continue
            if conversation is not None:  # that host does not take it: on to the next
                yield world.at(max(conversation.t, world.env.now), number)
                conversation.leave()
                conversation = None
            if service is None:
                why = yield from self._no_service(target, number)
                text = f"connect to {name}[{address}]:25: {why}"
                reply = Reply(450, (text,), "4.4.1", is_ours=True)
                attempt.end(reply, world.env.now)
                continue
            if self._security is not None and plan is not None:
                way = yield from self._security.toward(plan, name, target, number)
                if isinstance(way, Reply):
                    attempt.end(way, world.env.now)
                    continue
                secured = way
            conversation = yield from self._open(service, address, attempt, number, secured)
            if conversation.client.failure is not None and not conversation.session:
                reply = conversation.client.failure
                attempt.end(reply, world.env.now)
                conversation = None
                continue
            conversation = yield from self._talk(conversation, attempt, number)
            if not attempt.goes_on:
                break
        if attempt.left and site < len(self._fallback):
            if destination not in self._next_hop.own_destinations:
                attempt.n_sessions = 0
                return (yield from self._connect(attempt, conversation, number, site + 1))
        elif site and conversation is not None:  # it is not the destination's: nobody else's
            yield world.at(max(conversation.t, world.env.now), number)
            conversation.leave()
            return None
        return conversation

    def _open(
        self,
        service: Service,
        address: str,
        attempt: Attempt[Conversation],
        number: int,
        secured: Secured | None,
    ) -> Generator[Event, Any, Conversation]:
        conversation = self._conversation(service, number)
        if secured is not None:
            conversation.secure(secured)
        if address != service.address:
            conversation.go_to(address)
        timeout_ns = self._host.settings.smtp_connect_timeout
        yield from conversation.open(attempt.entry.message.content.number, timeout_ns)
        return conversation

    def _conversation(self, service: Service, number: int) -> Conversation:
        name, sessions = self._host.name, self._tls_sessions
        return Conversation(self._world, number, name, self._config, service, sessions)

    def probing(self, service: Service, number: int) -> Conversation:
        """Return a conversation that asks for recipients and sends no message."""
        conversation = self._conversation(service, number)
        conversation.client = ProbeSession(self._config)
        return conversation

    def resolve(
        self, destination: str, number: int
    ) -> Generator[Event, Any, list[tuple[str, str]] | Reply]:
        """Return the hosts to try for a destination, or the reply that the lookup amounts to."""
        return self._next_hop.resolve(destination, number)

    def _no_service(self, target: str, number: int) -> Generator[Event, Any, str]:
        """Send a SYN to a host that does not listen, or to none; return what comes of it.

        A host answers with RST (RFC 9293 section 3.5.2); where none is, nobody answers.
        """
        world = self._world
        if not target:
            yield world.at(world.env.now + self._host.settings.smtp_connect_timeout, number)
            return TIMED_OUT
        latency = world.network.path(self._host.name, target).latency_ns
        sent = world.env.now
        if world.is_wire:
            yield world.at(sent + latency, number)
        yield world.at(sent + 2 * latency, number)
        return "Connection refused"

    def _talk(
        self, conversation: Conversation, attempt: Attempt[Conversation], number: int
    ) -> Generator[Event, Any, Conversation]:
        """Ask one server to take the recipients that are left.

        Where its LIMITS end the session before all have been asked for, another one with the
        same server follows; the last is returned.
        """
        message = attempt.entry.message
        attempt.n_sessions += 1
        rest: Envelope | None = message.envelope(attempt.left, conversation.t)
        while rest is not None:
            if is_late(attempt, conversation.t):
                attempt.end(LATE, conversation.t)
                break
            delivery = Delivery(rest, message.content)
            yield from conversation.send(delivery)
            if needs_seven_bit(delivery) and (plain := to_seven_bit(message.content)) is not None:
                delivery = Delivery(rest, plain)
                yield from conversation.send(delivery)
            if delivery.replies:
                replies = delivery.replies
                if conversation.mail_ns < 0:
                    replies = [as_temporary(reply, conversation.relay_name) for reply in replies]
                attempt.take(rest.recipients, replies, conversation, conversation.t)
            rest = delivery.rest
            if rest is not None:
                yield self._world.at(max(conversation.t, self._world.env.now), number)
                conversation.leave()
                service, at = conversation.service, conversation.server_address
                secured = conversation.secured
                conversation = yield from self._open(service, at, attempt, number, secured)
        return conversation

    def _may_keep(self, conversation: Conversation) -> bool:
        """Tell whether a connection may carry another message."""
        settings = self._host.settings
        if not settings.smtp_connection_cache_on_demand or not conversation.is_usable:
            return False
        age = self._world.env.now - conversation.opened_ns
        return age < settings.smtp_connection_reuse_time_limit

    def _finish(self, attempt: Attempt[Conversation], handed_ns: int) -> None:
        """Tell the queue, the tables and the sender how a delivery ended."""
        world, host, now = self._world, self._host, self._world.env.now
        entry, outcomes = attempt.entry, attempt.outcomes
        message = entry.message
        remotes = [
            "" if via is None or reply.is_ours else via.service.host for reply, via, _ in outcomes
        ]
        if message.params or message.rcpt_params:
            for to, remote, (reply, via, _) in zip(
                entry.recipients, remotes, outcomes, strict=True
            ):
                if via is None or reply.code >= 400:
                    continue
                if message.wants_relay_report(to, via.client.offers):
                    message.tell(Told(to, remote, reply, "relayed"))
        ended = self._queue.done(entry, [reply for reply, _, _ in outcomes], now, remotes)
        fates = {}
        if ended.bounced or ended.expired:
            number, hops = message.content.number, len(message.content.trace)
            ended_ns = {
                to: at_ns for to, (_, _, at_ns) in zip(entry.recipients, outcomes, strict=True)
            }
            for fate, ends in (("bounced", ended.bounced), ("expired", ended.expired)):
                for to, reply in ends:
                    fates[to] = fate
                    at_ns = ended_ns.get(to, now) if fate == "bounced" else now
                    world.ledger.seal(number, to, fate, at_ns, host.name, hops, str(reply))
        write_attempts(world.log, host.name, entry, outcomes, handed_ns, fates)
        for about in ended.reports:
            host.report(message, about, now)
        self._plan_scan()
        self._note_depths()

    def _plan_scan(self) -> None:
        """See to it that the deferred queue is scanned when something in it falls due."""
        at_ns = self._queue.next_scan_at()
        if at_ns is None or (self._scan_ns is not None and self._scan_ns <= at_ns):
            return
        self._scan_ns = at_ns
        point = self._world.at(at_ns, self._world.next_number())
        assert point.callbacks is not None
        point.callbacks.append(self._scan)

    def _scan(self, event: Event) -> None:
        now = self._world.env.now
        if self._scan_ns != now:  # an earlier scan has been planned since
            return
        self._scan_ns = None
        self._take_due()
        self._plan_scan()
        self.work()

    def _take_due(self) -> None:
        """Scan the deferred queue, and tell the senders of what is late."""
        now = self._world.env.now
        for message, about in self._queue.scan(now):
            self._host.report(message, about, now)

    def _note_depths(self) -> None:
        queue, depths = self._queue, self._depths
        if queue.n_active != depths["active"]:
            self._note("active", queue.n_active)
        if queue.n_incoming != depths["incoming"]:
            self._note("incoming", queue.n_incoming)
        if queue.n_deferred != depths["deferred"]:
            self._note("deferred", queue.n_deferred)

    def _note(self, name: str, depth: int) -> None:
        self._depths[name] = depth
        self._world.log.queues.append((self._world.env.now, self._host.name, name, depth))
