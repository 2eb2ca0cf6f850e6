"""A mail host: takes messages over, stores them or passes them on, reports failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mailsim.message import Content, Envelope, Received, param
from mailsim.mta.auth.signer import Signer
from mailsim.mta.expansion import Expansion
from mailsim.mta.intake import Flow
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.queue import QueueManager
from mailsim.mta.queued import QueuedMessage, Told, by_kind
from mailsim.mta.reception import Reception
from mailsim.mta.reports import reports_of
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers import Scheduler
from mailsim.mta.settings import Settings
from mailsim.mta.verp import VerpMessage
from mailsim.sim.after_queue import AfterQueue
from mailsim.sim.relay import Relay
from mailsim.sim.service import Service
from mailsim.sim.world import World
from mailsim.smtp import Reply, ServerSession

__all__ = ["MailHost"]

_LOOP = Reply(554, ("Error: too many hops",), "5.4.0")
_DELIVERED = Reply(250, ("delivered to mailbox",), "2.0.0")
_EXPANDED = Reply(250, ("passed on to whom the address stands for",), "2.0.0")
_LISTED = Reply(250, ("delivered to the list",), "2.0.0")
_UNKNOWN = Reply(550, ("User unknown",), "5.1.1")


class MailHost:
    """One host that speaks SMTP.

    Parameters
    ----------
    world : World
    name : str
    settings : Settings
    reception : Reception
    mailboxes : Mailboxes
    routing : Routing
    service_ns : callable
        Draws the service time of one message (ns).
    scheduler : Scheduler
        Picks the next delivery.

    Attributes
    ----------
    services : dict of int to Service
        By port; filled by whoever builds the host.
    queue : QueueManager
    relay : Relay
    expansion : Expansion or None
        Aliases and lists, if it has any; filled by whoever builds the host.
    after_queue : AfterQueue
        What waits for its after-queue filters.
    signer : Signer or None
        Signs what leaves it.
    """

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
        self.world = world
        self.name = name
        self.settings = settings
        self.reception = reception
        self.service_ns = service_ns
        self.services: Mapping[int, Service] = {}
        self.routing = routing
        self.queue = QueueManager(settings, routing, scheduler)
        if (flow := self.queue.flow) is not None:
            self.service_ns = _after(flow, service_ns)
        self._mailboxes = mailboxes
        self._n_taken = 0
        self._queue_prefix = f"{len(world.mail_hosts) + 1:03X}"
        self.signer: Signer | None = None
        self.expansion: Expansion | None = None
        self.relay = self._new_relay()
        self.after_queue = AfterQueue(self)

    def _new_relay(self) -> Relay:
        return Relay(self.world, self)

    def take_over(
        self, server: ServerSession, content: Content, client: str, address: str, now_ns: int
    ) -> Reply:
        """Take responsibility for a message that came in by SMTP; return the final reply.

        Local recipients have it in their mailbox now; for the others it is queued.  Too many
        Received lines, our own included, mean a loop: 554 (RFC 5321 section 6.3; Postfix
        ``cleanup_message.c`` counts the line that smtpd(8) has put on top, too).

        Parameters
        ----------
        server : ServerSession
            The session it came in by.
        content : Content
        client, address : str
            Name and address of the client's host.
        now_ns : int
        """
        if len(content.trace) + 1 >= self.settings.hopcount_limit:
            return _LOOP
        queue_id = self._next_queue_id()
        recipients = server.recipients
        line = Received(
            server.helo,
            client,
            address,
            self.name,
            server.protocol,
            queue_id,
            recipients[0] if len(recipients) == 1 else "",
            self.world.unix_s(now_ns),
        )
        text = f"Ok: queued as {queue_id}"
        reply = Reply(250, (text,), "2.0.0")
        if self.signer is not None and any(not self._mailboxes.is_local(to) for to in recipients):
            content = self.signer.signed(content)
        traced = content.with_received(line)
        self.world.ledger.taken(content.number, self.name, now_ns)
        if self.reception.filters_queue:
            inquiry = self.reception.inquire_queued(server, traced, client, address)
            self.after_queue.take(inquiry, queue_id, server.envelope, traced, str(reply))
            return reply
        self.place(queue_id, server.envelope, traced, now_ns, f"250 2.0.0 {text}")
        return reply

    def discard(self, server: ServerSession, content: Content, now_ns: int) -> Reply:
        """Take a message over as :meth:`take_over` does, and let it vanish."""
        text = f"Ok: queued as {self._next_queue_id()}"
        ledger, number, hops = self.world.ledger, content.number, len(content.trace) + 1
        ledger.taken(number, self.name, now_ns)
        for to in server.recipients:
            ledger.seal(number, to, "discarded", now_ns, self.name, hops, f"250 2.0.0 {text}")
        return Reply(250, (text,), "2.0.0")

    def report(self, message: QueuedMessage, about: list[Told], now_ns: int) -> None:
        """Send the delivery reports that are due about recipients of a message.

        Parameters
        ----------
        message : QueuedMessage
        about : list of Told
        now_ns : int
        """
        for single, part in message.by_sender(about):
            self._report(single, part, now_ns)

    def _report(self, message: QueuedMessage, about: list[Told], now_ns: int) -> None:
        world = self.world
        for report in reports_of(message, about, self.settings, self.name):
            number, envelope = world.ledger.next_number(), report.envelope
            content = report.content(
                number, self.name, world.unix_s(message.arrived_ns), world.unix_s(now_ns)
            )
            world.ledger.open(
                number,
                envelope.sender,
                envelope.recipients,
                "report",
                content.size,
                now_ns,
                self.name,
            )
            world.ledger.taken(number, self.name, now_ns)
            for one in report.recipients:
                row = (now_ns, message.content.number, number, self.name, envelope.recipients[0])
                told = (one.address, one.action, one.status, one.remote, one.diagnostic)
                world.log.reports.append((*row, *told))
            self.place(self._next_queue_id(), envelope, content, now_ns, "250 2.0.0 Ok")

    def _next_queue_id(self) -> str:
        self._n_taken += 1
        # The same message has another name at each host, as the logs of a real network show it.
        return f"{self._queue_prefix}{self._n_taken:07X}"

    def place(
        self, queue_id: str, envelope: Envelope, content: Content, now_ns: int, reply: str
    ) -> None:
        """Put a message into mailboxes here and into the queue for elsewhere.

        Parameters
        ----------
        queue_id : str
        envelope : Envelope
        content : Content
        now_ns : int
        reply : str
            What it was taken over with.
        """
        if self.expansion is None:
            self._put(queue_id, envelope, content, now_ns, reply)
        else:
            self._expand(queue_id, envelope, content, now_ns, reply)

    def _expand(
        self, queue_id: str, envelope: Envelope, content: Content, now_ns: int, reply: str
    ) -> None:
        """Place a message for whom its recipients lead to, by aliases and lists.

        Who asked for a report of success hears of the expansion, or that a list has the message
        (RFC 3461 section 5.2.7).
        """
        assert self.expansion is not None
        copies, expanded = self.expansion.expand(envelope, self.world.unix_s(now_ns))
        number, hops, ledger = content.number, len(content.trace), self.world.ledger
        told = []
        for recipient, members, is_known, is_list in expanded:
            if not is_known:
                told.append(Told(recipient, "", _UNKNOWN))
                ledger.seal(number, recipient, "bounced", now_ns, self.name, hops, str(_UNKNOWN))
                continue
            n = len(members)
            to = f"<{members[0][0]}>" if n == 1 else f"{n} recipients"
            ledger.expand(
                number, recipient, members, now_ns, self.name, hops, f"{reply}, expanded to {to}"
            )
            if envelope.rcpt_params:
                done = (_LISTED, "delivered") if is_list else (_EXPANDED, "expanded")
                told.append(Told(recipient, "", *done))
        for i, copy in enumerate(copies):
            own_id = self._next_queue_id() if i else queue_id
            self._put(own_id, copy.envelope, content, now_ns, reply, copy.delimiters)
        if told:
            message = self._queued(queue_id, envelope, (), content, now_ns)
            for about in by_kind(told):
                self.report(message, about, now_ns)

    def _put(
        self,
        queue_id: str,
        envelope: Envelope,
        content: Content,
        now_ns: int,
        reply: str,
        delimiters: str = "",
    ) -> None:
        """Put a message into mailboxes here and into the queue for elsewhere."""
        mailboxes, routing = self._mailboxes, self.routing
        remote: list[str] = []
        told: list[Told] | None = None  # most messages have nothing to tell
        for recipient in envelope.recipients:
            if not mailboxes.is_local(recipient) or (
                routing.has_nowhere and routing.nowhere(recipient)
            ):
                remote.append(recipient)
                continue
            fate, sealing = "delivered", reply
            if mailboxes.exists(recipient):
                if self.reception.counts_mail:
                    mailboxes.store(recipient, content.size)
                if envelope.rcpt_params:
                    told = [*(told or ()), Told(recipient, "", _DELIVERED, "delivered")]
            else:  # a report to a sender that does not exist
                fate, sealing = "bounced", str(_UNKNOWN)
                told = [*(told or ()), Told(recipient, "", _UNKNOWN)]
            self.world.ledger.seal(
                content.number, recipient, fate, now_ns, self.name, len(content.trace), sealing
            )
        if remote or told:
            # Most messages have no recipient here: theirs and the envelope's are one object.
            to = tuple(remote) if len(remote) < len(envelope.recipients) else envelope.recipients
            message = self._queued(queue_id, envelope, to, content, now_ns, delimiters)
            if remote:
                self.queue.add(message, now_ns)
                self.relay.work()
            for about in by_kind(told or []):
                self.report(message, about, now_ns)

    def _queued(
        self,
        queue_id: str,
        envelope: Envelope,
        remote: tuple[str, ...],
        content: Content,
        now_ns: int,
        delimiters: str = "",
    ) -> QueuedMessage:
        """Return a message for the queue, with return paths for each recipient where asked for."""
        params = envelope.params
        if params and (asked := param(params, "XVERP")) is not None:
            if envelope.sender:
                delimiters = delimiters or asked or self.settings.default_verp_delimiters
            params = tuple([one for one in params if one[0] != "XVERP"])
        message = QueuedMessage(queue_id, envelope.sender, remote, content, now_ns)
        if delimiters:
            message = VerpMessage(queue_id, envelope.sender, remote, content, now_ns, delimiters)
        message.params = params
        if envelope.rcpt_params:
            pairs = zip(envelope.recipients, envelope.rcpt_params, strict=True)
            message.rcpt_params = dict(pairs)
        return message


def _after(flow: Flow, service_ns: Callable[[], int]) -> Callable[[], int]:
    """Return what draws the service time of a message, which waits for its token first."""
    return lambda: flow.wait_ns() + service_ns()
