"""The queue manager: what is active, what is deferred, what ends.

States and names are Postfix's (QSHAPE_README): *incoming* until the active queue has room,
*active* while its deliveries are being made, *deferred* until a scan finds it due and the
active queue has room.  Time is an
argument; a scheduler decides which delivery starts next.  A message with a time to be delivered by
(RFC 2852) is woken when that is over: to be returned, or for its sender to be told.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mailsim.mta.intake import Flow, Intake
from mailsim.mta.queued import QueuedMessage, Told, by_kind
from mailsim.mta.retry import Backoff, Retry
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers import Scheduler
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply

__all__ = ["LATE", "Ended", "Entry", "QueueManager"]

LATE = Reply(554, ("delivery time expired",), "5.4.7", is_ours=True)


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
    reports: list[list[Told]]


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
        self._early: dict[str, tuple[int, int, list[Told]]] = {}
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
            message.take_deferred()
        self.n_active = 0
        self._fill(now_ns)

    def scan(self, now_ns: int) -> list[tuple[QueuedMessage, list[Told]]]:
        """Let the deferred messages that are due back into the active queue.

        Returns
        -------
        list of (QueuedMessage, list of Told)
            Those whose time is over, but that go on waiting: their senders must be told.
        """
        late = []
        while self._deferred and self._deferred[0][0] <= now_ns:
            message = heapq.heappop(self._deferred)[3]
            if self._early and message.queue_id in self._early:
                at, due, waiting = self._early.pop(message.queue_id)
                self._n_deferrals += 1
                heapq.heappush(self._deferred, (at, due, self._n_deferrals, message))
                message.warned_ns = now_ns
                late.append((message, _delayed(waiting)))
            else:
                self._due.append(message)
        self._fill(now_ns)
        return late

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
            recipients = message.recipients
            self.scheduler.put(Entry(message, next_hop(recipients[0]), recipients, now_ns))
            return
        by_hop: dict[str, list[str]] = {}
        for recipient in message.recipients:
            by_hop.setdefault(next_hop(recipient), []).append(recipient)
        usual, own = self.settings.default_destination_recipient_limit, self.recipient_limits
        for hop, members in by_hop.items():
            limit = own.get(hop.partition(":")[0], usual) if own else usual
            if message.is_single:
                limit = 1
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
        settled: list[str] = []
        remotes = remotes or ("",) * len(replies)
        for recipient, reply, remote in zip(entry.recipients, replies, remotes, strict=True):
            if reply.code < 400:
                ended.sent.append((recipient, reply))
            elif reply.code >= 500:
                ended.bounced.append((recipient, reply))
                message.tell(Told(recipient, remote, reply))
            else:
                message.put_off(Told(recipient, remote, reply))
                continue
            settled.append(recipient)
        message.settle(settled)
        message.n_entries -= 1
        if message.n_entries == 0:
            self.n_active -= 1
            if told := message.take_told():
                ended.reports.extend(by_kind(told))
            if deferred := message.take_deferred():
                self._defer(message, deferred, ended, now_ns)
            else:
                del self._messages[message.queue_id]
            self._fill(now_ns)
        return ended

    def _defer(
        self, message: QueuedMessage, deferred: list[Told], ended: Ended, now_ns: int
    ) -> None:
        if message.params and message.is_late(now_ns):
            ended.bounced.extend([(told.recipient, LATE) for told in deferred])
            ended.reports.append([Told(told.recipient, "", LATE) for told in deferred])
            self._forget(message)
            return
        message.n_deferrals += 1
        planned = self.retry.plan(
            message.n_deferrals, message.arrived_ns, now_ns, is_report=not message.sender
        )
        if planned is None:
            ended.expired.extend([(told.recipient, told.reply) for told in deferred])
            ended.reports.append(deferred)
            self._forget(message)
        else:
            self._n_deferrals += 1  # equal times come out in the order they went in
            at, due = planned
            if self.settings.delay_warning_time or message.params:
                at = self._watch(message, deferred, at, due, ended, now_ns)
            heapq.heappush(self._deferred, (at, due, self._n_deferrals, message))

    def _forget(self, message: QueuedMessage) -> None:
        message.recipients = ()
        del self._messages[message.queue_id]

    def _watch(
        self,
        message: QueuedMessage,
        deferred: list[Told],
        at: int,
        due: int,
        ended: Ended,
        now_ns: int,
    ) -> int:
        """See to it that the sender hears of a delay; return when to wake the message.

        That is when it is tried again, or when its time is over if that is earlier.  One report
        is for all that has passed since the last one.  ``delay_warning_time`` is looked at only
        after an attempt, as Postfix does (``qmgr_active_done``).
        """
        times = []
        if self.settings.delay_warning_time:
            times.append(message.arrived_ns + self.settings.delay_warning_time)
        deadline = message.deadline_ns if message.params else None
        if deadline is not None:
            times.append(deadline)
        if any(message.warned_ns < time <= now_ns for time in times):
            message.warned_ns = now_ns
            ended.reports.append(_delayed(deferred))
        if deadline is None or not now_ns < deadline < at:
            return at
        if not message.is_late(deadline):
            self._early[message.queue_id] = (at, due, deferred)
        return deadline


def _delayed(waiting: list[Told]) -> list[Told]:
    return [told._replace(action="delayed") for told in waiting]
