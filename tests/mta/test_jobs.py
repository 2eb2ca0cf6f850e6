"""Who preempts whom when destinations are full, jobs end out of order, and stacks change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailsim.message import Content
from mailsim.mta.feedback import Concurrency
from mailsim.mta.jobs import Job, Line, Queue
from mailsim.mta.queue import Entry
from mailsim.mta.queued import QueuedMessage
from mailsim.mta.settings import Settings

S = 1_000_000_000
EMPTY = Content(0, (), b"", b"")


class Board:
    """A line and its queues; a queue has room for any number, or for none."""

    def __init__(self, cost: int = 2, loan: int = 0, discount: int = 0, slots: int = 1) -> None:
        self.line = Line(cost, loan, discount, slots)
        settings = Settings(
            default_destination_concurrency_limit=10**6, initial_destination_concurrency=10**6
        )
        self.queues = {name: Queue(name, Concurrency(settings)) for name in "xyz"}
        self.jobs: dict[str, Job] = {}

    def add(self, name: str, where: str, at_ns: int = 0) -> Job:
        job = self.jobs[name] = Job(at_ns)
        message = QueuedMessage(name, "a@example.org", (), EMPTY, at_ns)
        for i, to in enumerate(where):
            self.line.add(job, self.queues[to], Entry(message, to, (f"{i}@{to}",), at_ns))
        return job

    def set(self, to: str, *, has_room: bool) -> None:
        self.queues[to].window.is_suspended = not has_room
        self.line.refresh(self.queues[to])

    def picks(self, n: int = 10**6) -> str:
        order = ""
        while n and (picked := self.line.pick(0)) is not None:
            order += picked[0].message.queue_id
            n -= 1
        return order


def test_peers_of_a_job_take_turns() -> None:
    board = Board()
    job = board.add("A", "xxxyyz")
    picked = [board.line.pick(0) for _ in range(6)]
    assert [p[0].destination for p in picked if p] == ["x", "y", "z", "x", "y", "x"]
    assert job.n_selected == 6


def test_the_line_goes_on_behind_what_is_blocked() -> None:
    board = Board(slots=100)
    board.add("A", "xxx")
    board.add("B", "xy")
    board.set("x", has_room=False)
    assert board.picks() == "B"
    board.set("x", has_room=True)
    assert board.picks() == "AAAB"


def test_what_does_not_fit_into_the_places_earned_must_wait() -> None:
    board = Board(cost=2)
    board.add("A", "x" * 5)
    board.add("B", "x" * 3)
    assert board.picks() == "A" * 5 + "B" * 3, "five deliveries never earn three places"


def stacked() -> tuple[Board, Job, Job]:
    """A is preempted by C, which is blocked when it has begun; B, older than A, was blocked."""
    board = Board(cost=2, loan=3)
    board.add("B", "y" * 20)
    board.set("y", has_room=False)
    first = board.add("A", "x" * 12)
    preempting = board.add("C", "zz")
    assert board.picks(2) == "AC"
    assert (preempting.parent, preempting.level) == (first, 1)
    board.set("z", has_room=False)
    return board, first, preempting


def test_a_job_that_preempts_may_be_taken_over_by_another() -> None:
    """And the first one gets back the places that were not used."""
    board, first, preempting = stacked()
    assert first.slots_available == 1 - 2 * 2
    board.set("y", has_room=True)
    assert board.picks(1) == "B"
    board.set("z", has_room=True)
    assert board.picks(1) == "C", "now on top of B"
    assert first.slots_available == 1 - 1 * 2
    assert preempting.parent is None, "it is done"


def test_one_that_is_preempted_itself_is_no_candidate() -> None:
    board, first, _ = stacked()
    assert first.n_entries - first.n_selected == 11
    board.set("y", has_room=True)
    assert board.picks(1) == "B"
    assert board.picks(19) == "B" * 19, "A, with C on top, does not get ahead of B"


def test_a_job_may_end_before_the_one_on_top_of_it() -> None:
    board, first, preempting = stacked()
    assert board.picks() == "A" * 11
    assert preempting.parent is None
    board.set("z", has_room=True)
    assert board.picks() == "C"
    assert first.slots_available == 1 - 2 * 2 + 11, "it was over: nothing is given back"


def test_what_is_on_top_of_a_job_that_ends_goes_to_the_one_below() -> None:
    board = Board(cost=2, loan=3, discount=50)
    below = board.add("A", "x" * 40)
    middle = board.add("B", "x" * 6)
    assert board.picks(2) == "AB"
    top = board.add("C", "zz", S)
    assert board.picks(1) == "C"
    assert (top.parent, top.level, middle.level) == (middle, 2, 1)
    board.set("z", has_room=False)
    assert board.picks(5) == "B" * 5
    assert top.parent is below
    slots = below.slots_available
    board.set("z", has_room=True)
    assert board.picks(1) == "C"
    assert below.slots_available == slots, "it did not preempt this one"
    assert below.children == []


def test_emptying_a_queue_keeps_order_and_what_waits_elsewhere() -> None:
    board = Board()
    board.add("A", "xy")
    board.add("B", "x")
    board.add("C", "xxx")
    taken = board.line.empty(board.queues["x"])
    assert [entry.message.queue_id for entry in taken] == ["A", "B", "C", "C", "C"]
    assert board.picks() == "A"


def test_offers_that_have_lapsed_do_not_pile_up() -> None:
    """A queue that is full and free again by turns offers the same each time."""
    board = Board(cost=2)
    board.add("A", "y" * 300)
    for size in range(1, 40):
        board.add(f"{size}", "x" * size)
    for _ in range(400):
        board.picks(1)
        board.set("x", has_room=False)
        board.set("x", has_room=True)
        assert len(board.line._offers) <= 2 * 41 + 64 + 41


@given(
    st.lists(st.text("xyz", min_size=1, max_size=25), min_size=1, max_size=12),
    st.lists(st.sampled_from(["pick", "x", "y", "z"]), max_size=80),
    st.integers(2, 4),
)
def test_every_entry_comes_once_whatever_is_blocked(
    jobs: list[str], steps: list[str], cost: int
) -> None:
    board = Board(cost=cost, loan=3, discount=50)
    free = dict.fromkeys("xyz", True)
    waiting = list(jobs)
    order: list[tuple[str, str]] = []
    for step in [*steps, *("pick" for _ in jobs)]:
        if step != "pick":
            free[step] = not free[step]
            board.set(step, has_room=free[step])
            continue
        if waiting:
            board.add(f"{len(waiting)}", waiting.pop(0))
        for _ in range(3):
            picked = board.line.pick(0)
            if picked is not None:
                assert free[picked[0].destination]
                order.append((picked[0].message.queue_id, picked[0].recipients[0]))
            else:
                assert not any(q.n_waiting for n, q in board.queues.items() if free[n])
    for to in "xyz":
        board.set(to, has_room=True)
    while (picked := board.line.pick(0)) is not None:
        order.append((picked[0].message.queue_id, picked[0].recipients[0]))
    assert len(order) == len(set(order)) == sum(map(len, jobs))
    for job in board.jobs.values():
        assert not job.children
        assert job.parent is None
