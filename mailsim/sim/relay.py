"""The sending side of a mail host: delivery agents that take entries from the queue."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from mailsim.mta.queue import Entry
from mailsim.sim.connections import ConnectionCache
from mailsim.sim.conversation import Conversation
from mailsim.sim.nexthop import NextHop
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, Reply, Transaction

if TYPE_CHECKING:
    from mailsim.sim.mailhost import MailHost

__all__ = ["Relay"]

_ADDRESS_LIMIT = 5
_SESSION_LIMIT = 2
"""Postfix: ``smtp_mx_address_limit`` and ``smtp_mx_session_limit``."""


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
        self._next_hop = NextHop(world, host.name)
        self._kept = ConnectionCache(world)
        self._n_agents = 0
        self._scan_ns: int | None = None
        self._depths = {"incoming": 0, "active": 0, "deferred": 0}
        self._config = ClientConfig(
            host.name,
            tls=host.settings.smtp_tls_security_level,
            pipelining=host.settings.smtp_pipelining,
            chunking=host.settings.smtp_chunking,
        )

    def work(self) -> None:
        """Start as many agents as the queue has work for and the process limit allows."""
        scheduler, env = self._queue.scheduler, self._world.env
        limit = self._host.settings.default_process_limit
        while self._n_agents < limit:
            entry = scheduler.pick()
            if entry is None:
                break
            self._n_agents += 1
            env.process(self._deliver(entry))
        self._note_depths()

    def _deliver(self, entry: Entry) -> Generator[Event, Any, None]:
        """Deliver an entry, and then what the scheduler picks, until there is nothing more."""
        world, env, scheduler = self._world, self._world.env, self._queue.scheduler
        number = world.next_number()
        spare: Conversation | None = None
        while True:
            handed_ns = env.now
            self._count(entry)
            conversation = spare or self._kept.take(entry.destination)
            outcome: Transaction | Reply
            if conversation is None:
                conversation, outcome = yield from self._connect(entry, number)
            else:
                conversation.hand_to(number)
                outcome = yield from self._send(conversation, entry)
            if conversation is not None:
                yield world.at(max(conversation.t, env.now), number)
            self._finish(entry, outcome, conversation, handed_ns)
            scheduler.release(entry.destination)
            following = scheduler.pick()
            spare = self._part(conversation, entry.destination, following)
            if following is None:
                break
            entry = following
            self.work()  # what has just become active may need further agents
        self._n_agents -= 1
        self._note_depths()

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
        self, entry: Entry, number: int
    ) -> Generator[Event, Any, tuple[Conversation | None, Transaction | Reply]]:
        """Try the destination's hosts in order until one takes the mail or refuses it."""
        world = self._world
        found = yield from self._next_hop.resolve(entry.destination, number)
        if isinstance(found, Reply):
            return None, found
        outcome: Transaction | Reply = Reply(450, ("no host to try",), "4.4.1")
        conversation = None
        n_sessions = 0
        for name, address in found[:_ADDRESS_LIMIT]:
            if conversation is not None:  # that host would not talk: on to the next
                yield world.at(conversation.t, number)
                conversation.leave()
                conversation = None
            target = world.hosts_at.get(address, "")
            host = world.mail_hosts.get(target)
            service = host.services.get(25) if host is not None else None
            if service is None:
                why = yield from self._no_service(target, number)
                outcome = Reply(450, (f"connect to {name}[{address}]:25: {why}",), "4.4.1")
                continue
            conversation = Conversation(world, number, self._host.name, self._config, service)
            yield from conversation.open()
            outcome = yield from self._send(conversation, entry)
            n_sessions += 1
            if conversation.mail_ns >= 0 or n_sessions == _SESSION_LIMIT:
                break
        return conversation, outcome

    def _no_service(self, target: str, number: int) -> Generator[Event, Any, str]:
        """Send a SYN to a host that does not listen, or to none; return what comes of it.

        A host answers with RST (RFC 9293 section 3.5.2); where none is, nobody answers.
        """
        world = self._world
        if not target:
            yield world.at(world.env.now + self._host.settings.smtp_connect_timeout, number)
            return "Connection timed out"
        latency = world.network.path(self._host.name, target).latency_ns
        sent = world.env.now
        if world.is_wire:
            yield world.at(sent + latency, number)
        yield world.at(sent + 2 * latency, number)
        return "Connection refused"

    def _send(self, conversation: Conversation, entry: Entry) -> Generator[Event, Any, Transaction]:
        envelope = entry.message.envelope(entry.recipients, conversation.t)
        return (yield from conversation.send(envelope, entry.message.content))

    def _may_keep(self, conversation: Conversation) -> bool:
        """Tell whether a connection may carry another message."""
        settings = self._host.settings
        if not settings.smtp_connection_cache_on_demand or not conversation.is_usable:
            return False
        age = self._world.env.now - conversation.opened_ns
        return age < settings.smtp_connection_reuse_time_limit

    def _finish(
        self,
        entry: Entry,
        outcome: Transaction | Reply,
        conversation: Conversation | None,
        handed_ns: int,
    ) -> None:
        """Tell the queue, the tables and the sender how a delivery ended."""
        world, host, now = self._world, self._host, self._world.env.now
        replies = _replies(entry, outcome, conversation)
        message = entry.message
        remote = conversation.service_host if conversation is not None else ""
        ended = self._queue.done(entry, replies, now, remote)
        self._rows(entry, replies, conversation, handed_ns, {to for to, _ in ended.expired})
        if ended.bounced or ended.expired:
            number, hops = message.content.number, len(message.content.trace)
            for fate, ends in (("bounced", ended.bounced), ("expired", ended.expired)):
                for to, reply in ends:
                    world.ledger.seal(number, to, fate, now, host.name, hops, str(reply))
        for failed in ended.reports:
            host.report(message, failed, now)
        self._plan_scan()
        self._note_depths()

    def _rows(
        self,
        entry: Entry,
        replies: list[Reply],
        conversation: Conversation | None,
        handed_ns: int,
        expired: set[str],
    ) -> None:
        message, now = entry.message, self._world.env.now
        number = message.content.number
        relay, session, n_use, mail_ns = "none", None, 0, now
        if conversation is not None:
            relay, session = conversation.relay_name, conversation.session
            n_use = conversation.n_sent
            if conversation.mail_ns >= 0:
                mail_ns = conversation.mail_ns
        append = self._world.log.attempts.append
        for recipient, reply in zip(entry.recipients, replies, strict=True):
            status = "sent" if reply.code < 400 else "bounced" if reply.code >= 500 else "deferred"
            append(
                (
                    number,
                    recipient,
                    self._host.name,
                    entry.destination,
                    relay,
                    session,
                    n_use,
                    now,
                    now - message.arrived_ns,
                    entry.active_ns - message.arrived_ns,
                    handed_ns - entry.active_ns,
                    mail_ns - handed_ns,
                    now - mail_ns,
                    "expired" if recipient in expired else status,
                    reply.code,
                    reply.enhanced,
                    reply.text,
                )
            )

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
        self._queue.scan(now)
        self._plan_scan()
        self.work()

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


def _replies(
    entry: Entry, outcome: Transaction | Reply, conversation: Conversation | None
) -> list[Reply]:
    """Return one reply per recipient; a host that refuses to talk at all only defers."""
    if isinstance(outcome, Transaction):
        replies = [outcome.reply_to(i) for i in range(len(entry.recipients))]
        if conversation is not None and conversation.mail_ns < 0:
            return [_as_temporary(reply, conversation) for reply in replies]
        return replies
    return [outcome] * len(entry.recipients)


def _as_temporary(reply: Reply, conversation: Conversation) -> Reply:
    text = f"host {conversation.relay_name} refused to talk to me: {reply}"
    enhanced = f"4{reply.enhanced[1:]}" if reply.enhanced else "4.3.0"
    return Reply(reply.code if reply.is_temporary else 450, (text,), enhanced)
