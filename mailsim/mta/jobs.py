"""Messages that wait for deliveries, and how a small one gets ahead of a large one.

A *job* is what one message has to deliver over one transport; its entries wait in the queues of
their destinations.  Jobs are served in the order in which they became active, but every
``default_delivery_slot_cost`` deliveries of a large job earn one place for a smaller one, which
then goes first: it *preempts* the large one, and may itself be preempted.  So no message takes
longer than k/(k-1) times its own time, and small ones need not wait for large ones.

Source: Postfix SCHEDULER_README and ``qmgr_job.c``.  All recipients are in memory, so what may be
needed at most and at least are the same; a job already begun counts with its whole size when
candidates are searched.

A job's place in the line is a tuple: a job that preempts another takes the other's place with a
number in it, which sorts before the other and after those that preempted it earlier.
"""

from __future__ import annotations

import heapq
from collections import deque

from mailsim.mta.feedback import Concurrency, Window
from mailsim.mta.queue import Entry
from mailsim.smtp import Reply

__all__ = ["Job", "Line", "Queue"]

Place = tuple[int, ...]
Offer = tuple[Place, int, int, "Queue", "Job"]
_LAST = 1 << 62
_S = 1_000_000_000


class Job:
    """What one message has to deliver over one transport.

    Parameters
    ----------
    queued_ns : int
        When it became active.
    """

    __slots__ = (
        "children",
        "level",
        "n_entries",
        "n_preempted",
        "n_selected",
        "parent",
        "peers",
        "place",
        "queued_ns",
        "slots_available",
        "slots_used",
    )

    def __init__(self, queued_ns: int) -> None:
        self.queued_ns = queued_ns
        self.place: Place = ()
        self.peers: dict[Queue, deque[Entry]] = {}
        self.parent: Job | None = None
        self.children: list[Job] = []
        self.level = self.n_entries = self.n_selected = self.n_preempted = 0
        self.slots_available = self.slots_used = 0


class Queue:
    """What waits for one destination, by the size of the jobs it belongs to.

    Parameters
    ----------
    name : str
    concurrency : Concurrency

    Attributes
    ----------
    window : Window
    waiting : dict of int to heap of (place, Job)
    offered : dict of int to int
        By size, the number of the valid offer; empty while there is no room.
    n_waiting : int
        Entries.
    why : Reply or None
        Of a dead destination: what its mail is deferred with.
    timer : int
        Number of the timer that it waits for, while it is dead or suspended; else 0.
    """

    __slots__ = ("n_waiting", "name", "offered", "timer", "waiting", "why", "window")

    def __init__(self, name: str, concurrency: Concurrency) -> None:
        self.name = name
        self.window = Window(concurrency)
        self.waiting: dict[int, list[tuple[Place, Job]]] = {}
        self.offered: dict[int, int] = {}
        self.n_waiting = self.timer = 0
        self.why: Reply | None = None

    def first(self, size: int) -> Job | None:
        """Return the first in line of the jobs of a size that wait here."""
        heap = self.waiting[size]
        while heap:
            place, job = heap[0]
            if job.place == place and self in job.peers:
                return job
            heapq.heappop(heap)
        return None


class Line:
    """All jobs of a transport in order; picks the next entry in O(log n) of the destinations.

    Each queue with room offers its first job of each size, so the line is as long as there are
    destinations to serve, however many messages wait.

    Parameters
    ----------
    cost, loan, discount, min_slots : int
        Postfix's ``default_delivery_slot_cost`` and so on.
    least_cost : int
        Below this cost nothing is preempted.  Postfix's 2, because 1 lets the small ones double
        the time of the large.
    """

    def __init__(
        self, cost: int, loan: int, discount: int, min_slots: int, least_cost: int = 2
    ) -> None:
        self._cost, self._loan, self._min_slots = cost, loan, min_slots
        self._factor = 100 - discount
        self._least_entries = max(min_slots * cost, 1) if cost >= least_cost else _LAST
        self._new: list[Job] = []
        self._offers: list[Offer] = []
        self._candidates: dict[int, list[tuple[int, Offer]]] | None = None
        self._n_large = self._n_jobs = self._n_offers = self._n_valid = self._n_candidates = 0

    def add(self, job: Job, queue: Queue, entry: Entry) -> None:
        """Take an entry of a job; all of a job's entries come before the next pick."""
        if not job.n_entries:
            self._new.append(job)
        job.n_entries += 1
        queue.n_waiting += 1
        if queue in job.peers:
            job.peers[queue].append(entry)
        else:
            job.peers[queue] = deque((entry,))

    def pick(self, now_ns: int) -> tuple[Entry, Queue, Job] | None:
        """Return the entry that is next, with where it waited; its queue gets busier."""
        self._line_up()
        first = self._first()
        if first is not None and first[4].n_entries >= self._least_entries:
            self._preempt(first[4], now_ns)
            first = self._first()
        if first is None:
            return None
        _, _, size, queue, job = heapq.heappop(self._offers)
        del queue.offered[size]
        self._n_valid -= 1
        peer = job.peers[queue]
        entry = peer.popleft()
        if not peer:
            del job.peers[queue]
        queue.n_waiting -= 1
        queue.window.n_busy += 1
        job.n_selected += 1
        job.slots_available += 1
        job.slots_used += 1
        self.refresh(queue)
        self._retire_if_empty(job)
        return entry, queue, job

    def _line_up(self) -> None:
        """Give the new jobs, whose entries have all come, their places."""
        for job in self._new:
            self._n_jobs += 1
            job.place = (job.queued_ns, self._n_jobs, _LAST)
            if job.n_entries >= self._least_entries:
                self._n_large += 1
            for queue in job.peers:
                heapq.heappush(queue.waiting.setdefault(job.n_entries, []), (job.place, job))
                self.refresh(queue)
        self._new.clear()

    def refresh(self, queue: Queue) -> None:
        """Offer what a queue has if it has room, else nothing; to be called when that changes."""
        if not queue.window.has_room:
            self._n_valid -= len(queue.offered)
            queue.offered.clear()
            return
        for size in list(queue.waiting):
            if size in queue.offered:
                continue
            job = queue.first(size)
            if job is None:
                del queue.waiting[size]
                continue
            self._n_offers += 1
            self._n_valid += 1
            queue.offered[size] = self._n_offers
            offer = (job.place, self._n_offers, size, queue, job)
            heapq.heappush(self._offers, offer)
            if self._candidates is not None:
                heap = self._candidates.setdefault(size, [])
                heapq.heappush(heap, (job.queued_ns, offer))
                self._n_candidates += 1
        most = 2 * self._n_valid + 64  # offers that have lapsed are at most as many as others
        if len(self._offers) > most:
            self._offers = [offer for offer in self._offers if _is_valid(offer)]
            heapq.heapify(self._offers)
        if self._n_candidates > most:
            self._candidates, self._n_candidates = None, 0

    def empty(self, queue: Queue) -> list[Entry]:
        """Take all entries out that wait in a queue, in order."""
        self._line_up()
        entries: list[Entry] = []
        for place, job in sorted([item for heap in queue.waiting.values() for item in heap]):
            if job.place == place and queue in job.peers:
                peer = job.peers.pop(queue)
                entries += peer
                job.n_selected += len(peer)
                self._retire_if_empty(job)
        queue.waiting.clear()
        self._n_valid -= len(queue.offered)
        queue.offered.clear()
        queue.n_waiting = 0
        return entries

    def _first(self) -> Offer | None:
        offers = self._offers
        while offers:
            if _is_valid(offers[0]):
                return offers[0]
            heapq.heappop(offers)
        return None

    def _preempt(self, current: Job, now_ns: int) -> None:
        """Let a smaller job go first if the current one has earned the places it needs."""
        if current.slots_available <= 0:
            return
        job = self._candidate(current, now_ns)
        if job is None:
            return
        needed = job.n_entries - job.n_selected
        if (current.slots_available // self._cost + self._loan) * 100 < needed * self._factor:
            return
        if job.level:
            self._pop(job)
        current.n_preempted += 1
        current.children.append(job)
        current.slots_available -= needed * self._cost  # corrected when the job is done
        job.slots_used = -needed
        job.parent, job.level = current, current.level + 1
        job.place = (*current.place[:-1], current.n_preempted, _LAST)
        for queue in job.peers:
            heapq.heappush(queue.waiting[job.n_entries], (job.place, job))
            if queue.offered.pop(job.n_entries, None) is not None:
                self._n_valid -= 1
            self.refresh(queue)

    def _candidate(self, current: Job, now_ns: int) -> Job | None:
        """Return the job that has waited longest for its size, of those that may preempt."""
        left = current.n_entries - current.n_selected
        most = (left + current.slots_available) // self._cost
        if self._candidates is None:
            self._candidates = {}
            for offer in self._offers:
                item = (offer[4].queued_ns, offer)
                heapq.heappush(self._candidates.setdefault(offer[2], []), item)
            self._n_candidates = len(self._offers)
        best, best_score = None, 0.0
        for size, heap in self._candidates.items():
            job = self._oldest(heap, current) if size <= most else None
            if job is None:
                continue
            score = ((now_ns - job.queued_ns) // _S + 1) / size
            if best is None or (score, best.place) > (best_score, job.place):
                best, best_score = job, score
        return best

    def _oldest(self, heap: list[tuple[int, Offer]], current: Job) -> Job | None:
        aside, found = [], None
        while heap and found is None:
            offer = heap[0][1]
            if not _is_valid(offer):
                heapq.heappop(heap)
            elif offer[4] is current or offer[4].children:  # a job that is preempted itself
                aside.append(heapq.heappop(heap))
            else:
                found = offer[4]
        for item in aside:
            heapq.heappush(heap, item)
        return found

    def _retire_if_empty(self, job: Job) -> None:
        if job.peers:
            return
        if job.level:
            self._pop(job)
        for child in job.children:
            child.parent = None
        job.children.clear()
        if job.n_entries >= self._least_entries:
            self._n_large -= 1
            if not self._n_large:
                self._candidates, self._n_candidates = None, 0

    def _pop(self, job: Job) -> None:
        """Take a job off those it preempts, which pay for what it really used."""
        parent = job.parent
        if parent is not None:
            if job.level == parent.level + 1:
                parent.slots_available -= job.slots_used * self._cost
            parent.children.remove(job)
            parent.children += job.children
        for child in job.children:
            child.parent = parent
        job.children.clear()
        job.parent, job.level = None, 0


def _is_valid(offer: Offer) -> bool:
    return offer[3].offered.get(offer[2]) == offer[1]
