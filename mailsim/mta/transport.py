"""A delivery transport: its process limit, its destinations, its mail in order.

Source: Postfix ``qmgr_transport.c``, ``qmgr_queue.c`` and ``qmgr_entry.c``; master(5) for the
process limit; KumoMTA ``max_message_rate`` (``make_egress_path``) for the rate of a destination.
"""

from __future__ import annotations

import heapq

from mailsim.mta.bucket import Buckets
from mailsim.mta.feedback import Concurrency
from mailsim.mta.jobs import Job, Line, Queue
from mailsim.mta.queue import Entry
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply

__all__ = ["Transport"]


class Transport:
    """One transport of a host.

    Parameters
    ----------
    settings : Settings
        Its own: ``default_destination_...`` is what holds here.
    least_cost : int
        See :class:`~mailsim.mta.jobs.Line`.

    Attributes
    ----------
    withdrawn : list of (Entry, Reply)
        What became undeliverable because its destination is dead, with why; for whoever
        defers it, who clears the list.
    """

    def __init__(self, settings: Settings, least_cost: int = 2) -> None:
        self._settings = settings
        self._concurrency = Concurrency(settings)
        self._line = Line(
            settings.default_delivery_slot_cost,
            settings.default_delivery_slot_loan,
            settings.default_delivery_slot_discount,
            settings.default_minimum_delivery_slots,
            least_cost,
        )
        # A recipient limit of 1 makes a queue of each recipient (qmgr_message_resolve).
        self._is_by_recipient = settings.default_destination_recipient_limit == 1
        rate_per_s = settings.default_destination_message_rate
        self._buckets: Buckets | None = None
        if rate_per_s:
            self._buckets = Buckets(rate_per_s, settings.default_destination_message_burst)
        self._is_paced = rate_per_s > 0 or settings.default_transport_rate_delay > 0
        self._queues: dict[str, Queue] = {}
        self._jobs: dict[str, Job] = {}
        self._wakes: list[tuple[int, int, Queue | None]] = []
        self._n_wakes = self._n_busy = 0
        self._is_suspended = False
        self.withdrawn: list[tuple[Entry, Reply]] = []

    def put(self, entry: Entry) -> None:
        """Take an entry that has become active."""
        name = self._name(entry)
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = Queue(name, self._concurrency)
        if queue.why is not None:
            self.withdrawn.append((entry, queue.why))
            return
        queue_id = entry.message.queue_id
        job = self._jobs.get(queue_id)
        if job is None:
            job = self._jobs[queue_id] = Job(entry.active_ns)
        self._line.add(job, queue, entry)

    def pick(self, now_ns: int) -> Entry | None:
        """Return the entry whose delivery starts next, or None; its destination gets busier."""
        if self._n_busy >= self._settings.default_process_limit or self._is_suspended:
            return None
        picked = self._line.pick(now_ns)
        if picked is None:
            return None
        entry, queue, job = picked
        if not job.peers:
            del self._jobs[entry.message.queue_id]
        self._n_busy += 1
        if self._is_paced:
            self._pace(queue, now_ns)
        return entry

    def feedback(self, entry: Entry, failure: Reply | None, now_ns: int) -> None:
        """Take how a delivery got in, before :meth:`release`.

        Parameters
        ----------
        entry : Entry
        failure : Reply or None
            Why the site could not be used: no connection, or refused before MAIL; None if it
            could, whatever it said to the message.
        now_ns : int
        """
        queue = self._queues[self._name(entry)]
        window = queue.window
        if failure is None:
            window.succeed()
            if queue.why is not None:
                queue.why, queue.timer = None, 0
                if window.is_suspended:  # it had no token, and its timer has been overtaken
                    self._wake_at(now_ns, queue)
        else:
            window.fail()
            if window.is_dead and queue.why is None:
                text = f"delivery temporarily suspended: {' '.join(failure.lines)}"
                why = Reply(450, (text,), failure.enhanced or "4.4.1", is_ours=True)
                queue.why = why
                self._wake_at(now_ns + self._settings.minimal_backoff_time, queue)
                for waiting in self._line.empty(queue):
                    job = self._jobs.get(waiting.message.queue_id)
                    if job is not None and not job.peers:
                        del self._jobs[waiting.message.queue_id]
                    self.withdrawn.append((waiting, why))
        self._line.refresh(queue)

    def release(self, entry: Entry, now_ns: int) -> None:
        """Say that the delivery of an entry is over."""
        self._n_busy -= 1
        queue = self._queues[self._name(entry)]
        queue.window.n_busy -= 1
        if self._concurrency.rate_delay_ns and not queue.window.is_dead:
            queue.window.is_suspended = True
            self._wake_at(now_ns + self._concurrency.rate_delay_ns, queue)
        self._settle(queue)

    def has_more(self, destination: str) -> bool:
        """Tell whether entries for a destination wait."""
        queue = self._queues.get(destination)
        return queue is not None and queue.n_waiting > 0

    def next_wake_at(self) -> int | None:
        """Return when something that is dead or suspended comes back (ns), if anything."""
        return self._wakes[0][0] if self._wakes else None

    def wake(self, now_ns: int) -> None:
        """Let come back what is due."""
        while self._wakes and self._wakes[0][0] <= now_ns:
            _, number, queue = heapq.heappop(self._wakes)
            if queue is None:
                self._is_suspended = False
                continue
            if queue.timer != number:  # it has come back by itself
                continue
            queue.timer = 0
            queue.window.is_suspended = False
            if queue.why is not None:
                queue.window.revive()
                queue.why = None
            self._hold(queue, now_ns)
            self._settle(queue)

    def _name(self, entry: Entry) -> str:
        return entry.recipients[0] if self._is_by_recipient else entry.destination

    def _pace(self, queue: Queue, now_ns: int) -> None:
        """Let what starts now keep others waiting."""
        delay_ns = self._settings.default_transport_rate_delay
        if delay_ns:
            self._is_suspended = True
            self._wake_at(now_ns + delay_ns, None)
        if self._buckets is not None:
            self._buckets.take(queue.name, now_ns)
            self._hold(queue, now_ns)

    def _hold(self, queue: Queue, now_ns: int) -> None:
        """Suspend a destination that has no token until it gets one."""
        if self._buckets is None:
            return
        at_ns = self._buckets.next_ns(queue.name, now_ns)
        if at_ns > now_ns:
            queue.window.is_suspended = True
            self._line.refresh(queue)
            self._wake_at(at_ns, queue)

    def _wake_at(self, at_ns: int, queue: Queue | None) -> None:
        self._n_wakes += 1
        if queue is not None:
            queue.timer = self._n_wakes
        heapq.heappush(self._wakes, (at_ns, self._n_wakes, queue))

    def _settle(self, queue: Queue) -> None:
        """Offer what may start now; forget a destination without mail that nothing holds."""
        window = queue.window
        if window.n_busy or queue.n_waiting or window.is_dead or window.is_suspended:
            self._line.refresh(queue)
        else:
            del self._queues[queue.name]
