"""The queue manager: what is active, what is deferred, what ends.

States and names are Postfix's (QSHAPE_README): *incoming* until the active queue has room,
*active* while its deliveries are being made, *deferred* until a scan finds it due and the
active queue has room.  Time is an
argument; a scheduler decides which delivery starts next.  A message with a time to be returned
after (RFC 2852) is woken when that is over.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from mailsim.message import Content, DeliverBy, Envelope, Params, param
from mailsim.mta.intake import Flow, Intake
from mailsim.mta.retry import Backoff, Retry
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers import Scheduler
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply
from mailsim.smtp.grammar import from_xtext

__all__ = ["LATE", "Ended", "Entry", "Failed", "QueueManager", "QueuedMessage"]

LATE = Reply(554, ("delivery time expired",), "5.4.7", is_ours=True)


class Failed(NamedTuple):
    """A recipient who could not be served, the host that said so (or empty), and its reply."""

    recipient: str
    remote: str
    reply: Reply


class QueuedMessage:
    """A message in the queue of one host.

    Attributes
    ----------
    queue_id : str
    sender : str
    recipients : list of str
        Those whose fate at this host is still open.
    content : Content
    arrived_ns : int
        When this host took it over.
    params : Params
        What its MAIL asked of every hop.
    rcpt_params : mapping of str to Params
        The same of the recipients that have any, such as NOTIFY.
    """

    __slots__ = (
        "arrived_ns",
        "content",
        "deferred",
        "failed",
        "n_deferrals",
        "n_entries",
        "params",
        "queue_id",
        "rcpt_params",
        "recipients",
        "sender",
    )

    def __init__(
        self,
        queue_id: str,
        sender: str,
        recipients: list[str],
        content: Content,
        arrived_ns: int,
        params: Params = (),
        rcpt_params: Mapping[str, Params] | None = None,
    ) -> None:
        self.queue_id = queue_id
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.arrived_ns = arrived_ns
        self.params = params
        self.rcpt_params = rcpt_params or {}
        self.n_entries = self.n_deferrals = 0
        self.deferred: list[Failed] = []
        self.failed: list[Failed] = []

    def envelope(self, recipients: tuple[str, ...], now_ns: int) -> Envelope:
        """Return the envelope for the next hop; of ``BY`` what is left of the time."""
        if not self.params and not self.rcpt_params:
            return Envelope(self.sender, recipients)
        by = self._deliver_by(now_ns)
        params = self.params
        if by is not None:
            params = tuple([("BY", str(by)) if name == "BY" else (name, v) for name, v in params])
        rcpt_params = tuple([self.rcpt_params.get(to, ()) for to in recipients])
        return Envelope(self.sender, recipients, params, rcpt_params if any(rcpt_params) else ())

    def is_late(self, now_ns: int) -> bool:
        """Tell whether the message is to be returned because its time is over (RFC 2852)."""
        by = self._deliver_by(now_ns)
        return by is not None and by.mode == "R" and by.seconds <= 0

    @property
    def deadline_ns(self) -> int | None:
        """When :meth:`is_late` becomes true, if ever."""
        by = self._deliver_by(self.arrived_ns)
        if by is None or by.mode != "R":
            return None
        return self.arrived_ns + by.seconds * 1_000_000_000

    def _deliver_by(self, now_ns: int) -> DeliverBy | None:
        value = param(self.params, "BY") if self.params else None
        by = DeliverBy.parse(value) if value is not None else None
        return None if by is None else by.after((now_ns - self.arrived_ns) // 1_000_000_000)

    def original_of(self, recipient: str) -> str:
        """Return the ORCPT of a recipient, decoded, or an empty string."""
        kind, _, text = (param(self.rcpt_params.get(recipient, ()), "ORCPT") or "").partition(";")
        return f"{kind};{from_xtext(text)}" if kind else ""

    def wants_report(self, recipient: str, kind: str = "FAILURE") -> bool:
        """Tell whether the sender wants to hear of this of a recipient (RFC 3461 section 4.1)."""
        notify = param(self.rcpt_params.get(recipient, ()), "NOTIFY")
        return kind == "FAILURE" if notify is None else kind in notify.upper().split(",")


class Entry(NamedTuple):
    """One delivery to make: some recipients of a message that share a destination."""

    message: QueuedMessage
    destination: str
    recipients: tuple[str, ...]
    active_ns: int


class Ended(NamedTuple):
    """Recipients whose fate a delivery sealed at this host, with the reply that did it.

    Attributes
    ----------
    sent, bounced, expired : list of (str, Reply)
    reports : list of list of Failed
        Of whom the sender must now be told: a report for each list.
    """

    sent: list[tuple[str, Reply]]
    bounced: list[tuple[str, Reply]]
    expired: list[tuple[str, Reply]]
    reports: list[list[Failed]]


class QueueManager:
    """The queues of one host.

    Parameters
    ----------
    settings : Settings
    routing : Routing
    scheduler : Scheduler
        Picks the next entry among those ready.

    Attributes
    ----------
    retry : Retry
        When deferred messages are tried again: Postfix's way, unless whoever builds the host
        puts another one here.
    recipient_limits : dict of str to int
        By transport; filled by whoever builds the host.
    flow : Flow or None
        What slows down new mail that comes too fast; None without ``in_flow_delay``.
    """

    def __init__(self, settings: Settings, routing: Routing, scheduler: Scheduler) -> None:
        self.settings = settings
        self.scheduler = scheduler
        self.retry: Retry = Backoff(settings)
        self.recipient_limits: dict[str, int] = {}
        self.flow: Flow | None = None
        if settings.in_flow_delay:
            self.flow = Flow(settings.default_process_limit, settings.in_flow_delay)
        self._intake = Intake(settings.qmgr_message_active_limit)
        self._routing = routing
        self._messages: dict[str, QueuedMessage] = {}
        self._incoming: deque[QueuedMessage] = deque()
        self._deferred: list[tuple[int, int, int, QueuedMessage]] = []
        self._due: deque[QueuedMessage] = deque()
        self._n_deferrals = 0
        self.n_active = 0

    @property
    def n_deferred(self) -> int:
        """Messages in the deferred queue; those that are due stay there until there is room."""
        return len(self._deferred) + len(self._due)

    @property
    def n_incoming(self) -> int:
        """New messages that wait for room in the active queue."""
        return len(self._incoming)

    def held(self) -> Iterator[tuple[QueuedMessage, str]]:
        """Iterate over all messages here and their open recipients."""
        for message in self._messages.values():
            for recipient in message.recipients:
                yield message, recipient

    def add(self, message: QueuedMessage, now_ns: int) -> None:
        """Take a message over; it becomes active at once if there is room."""
        self._messages[message.queue_id] = message
        self._incoming.append(message)
        self._fill(now_ns)

    def restart(self, scheduler: Scheduler, now_ns: int) -> None:
        """Begin anew after a crash, with what the disk has kept.

        What was active is incoming again, the oldest first; who had been deferred by then in an
        unfinished round is asked again.  What bounced in it has its report to come (Postfix
        ``qmgr_move``, bounce(5)).

        Parameters
        ----------
        scheduler : Scheduler
            A new one: deliveries under way are over.
        now_ns : int
        """
        self.scheduler = scheduler
        waits = {id(item[3]) for item in self._deferred} | set(map(id, self._due))
        self._incoming = deque(m for m in self._messages.values() if id(m) not in waits)
        for message in self._incoming:
            message.n_entries = 0
            message.deferred = []
        self.n_active = 0
        self._fill(now_ns)

    def scan(self, now_ns: int) -> None:
        """Let the deferred messages that are due back into the active queue."""
        while self._deferred and self._deferred[0][0] <= now_ns:
            self._due.append(heapq.heappop(self._deferred)[3])
        self._fill(now_ns)

    def next_scan_at(self) -> int | None:
        """Return when a scan will find something due (ns), or None if nothing is deferred."""
        return self._deferred[0][0] if self._deferred else None

    def _fill(self, now_ns: int) -> None:
        incoming, due, limit = self._incoming, self._due, self.settings.qmgr_message_active_limit
        while self.n_active < limit and (incoming or due):
            if due and self._intake.takes_deferred(
                has_incoming=bool(incoming), n_active=self.n_active
            ):
                self._activate(due.popleft(), now_ns)
                continue
            message = incoming.popleft()
            if self.flow is not None:
                self.flow.took(len(incoming))
            self._activate(message, now_ns)

    def _activate(self, message: QueuedMessage, now_ns: int) -> None:
        self.n_active += 1
        next_hop = self._routing.next_hop
        if len(message.recipients) == 1:
            message.n_entries = 1
            recipients = tuple(message.recipients)
            self.scheduler.put(Entry(message, next_hop(recipients[0]), recipients, now_ns))
            return
        by_hop: dict[str, list[str]] = {}
        for recipient in message.recipients:
            by_hop.setdefault(next_hop(recipient), []).append(recipient)
        usual, own = self.settings.default_destination_recipient_limit, self.recipient_limits
        for hop, members in by_hop.items():
            limit = own.get(hop.partition(":")[0], usual) if own else usual
            for start in range(0, len(members), limit):
                message.n_entries += 1
                group = tuple(members[start : start + limit])
                self.scheduler.put(Entry(message, hop, group, now_ns))

    def done(
        self, entry: Entry, replies: Sequence[Reply], now_ns: int, remotes: Sequence[str] = ()
    ) -> Ended:
        """Take the outcome of a delivery: one reply per recipient of the entry.

        A 2yz ends a recipient, a 5yz bounces it, a 4yz defers it.  When the last delivery of
        the message is over, the sender is told of all that bounced, and deferred recipients
        wait for their retry, or expire, which is a report of its own (Postfix
        ``qmgr_active_done``).

        Parameters
        ----------
        entry : Entry
        replies : sequence of Reply
        now_ns : int
        remotes : sequence of str
            The host that answered, or empty, in the same order; left out: nobody did.
        """
        message = entry.message
        ended = Ended([], [], [], [])
        remotes = remotes or ("",) * len(replies)
        for recipient, reply, remote in zip(entry.recipients, replies, remotes, strict=True):
            if reply.code < 400:
                ended.sent.append((recipient, reply))
            elif reply.code >= 500:
                ended.bounced.append((recipient, reply))
                message.failed.append(Failed(recipient, remote, reply))
            else:
                message.deferred.append(Failed(recipient, remote, reply))
                continue
            message.recipients.remove(recipient)
        message.n_entries -= 1
        if message.n_entries == 0:
            self.n_active -= 1
            if message.failed:
                ended.reports.append(message.failed)
                message.failed = []
            if message.deferred:
                self._defer(message, ended, now_ns)
            else:
                del self._messages[message.queue_id]
            self._fill(now_ns)
        return ended

    def _defer(self, message: QueuedMessage, ended: Ended, now_ns: int) -> None:
        if message.params and message.is_late(now_ns):
            ended.bounced.extend([(to, LATE) for to, _, _ in message.deferred])
            ended.reports.append([Failed(to, "", LATE) for to, _, _ in message.deferred])
            message.recipients.clear()
            del self._messages[message.queue_id]
            message.deferred = []
            return
        message.n_deferrals += 1
        planned = self.retry.plan(
            message.n_deferrals, message.arrived_ns, now_ns, is_report=not message.sender
        )
        if planned is None:
            ended.expired.extend([(to, reply) for to, _, reply in message.deferred])
            ended.reports.append(message.deferred)
            message.recipients.clear()
            del self._messages[message.queue_id]
        else:
            self._n_deferrals += 1  # equal times come out in the order they went in
            at, due = planned
            if message.params and (deadline := message.deadline_ns) is not None:
                at = min(at, deadline)
            heapq.heappush(self._deferred, (at, due, self._n_deferrals, message))
        message.deferred = []
