"""FIFO within a destination, turns between destinations, a limit on each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailsim.message import Content
from mailsim.mta.queue import Entry
from mailsim.mta.queued import QueuedMessage
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.mta.settings import Settings

EMPTY = Content(0, (), b"", b"")


def entry(destination: str, number: int = 0) -> Entry:
    message = QueuedMessage(f"{number:X}", "a@example.org", (), EMPTY, 0)
    return Entry(message, destination, (), 0)


def fifo_of(limit: int) -> Fifo:
    return Fifo(Settings(default_destination_concurrency_limit=limit))


def test_destinations_take_turns_and_each_is_in_order() -> None:
    fifo = fifo_of(10)
    entries = [entry("a", 1), entry("a", 2), entry("b", 3), entry("a", 4)]
    for one in entries:
        fifo.put(one)
    picked = [fifo.pick(0) for _ in range(5)]
    assert picked == [entries[0], entries[2], entries[1], entries[3], None]


def test_a_destination_has_at_most_the_limit() -> None:
    fifo = fifo_of(2)
    for number in range(4):
        fifo.put(entry("a", number))
    assert [fifo.pick(0) is not None for _ in range(3)] == [True, True, False]
    fifo.release(entry("a"), 0)
    assert fifo.pick(0) is not None
    assert fifo.pick(0) is None


def test_it_tells_whether_a_connection_is_worth_keeping() -> None:
    fifo = fifo_of(1)
    assert not fifo.has_more("a")
    fifo.put(entry("a", 1))
    fifo.put(entry("a", 2))
    assert fifo.pick(0) is not None
    assert fifo.pick(0) is None, "the limit"
    assert fifo.has_more("a")
    fifo.release(entry("a"), 0)
    assert fifo.pick(0) is not None
    assert not fifo.has_more("a")


def test_a_destination_that_is_done_goes_to_the_end_of_the_line() -> None:
    fifo = fifo_of(1)
    for one in (entry("a", 1), entry("b", 2), entry("a", 3), entry("c", 4)):
        fifo.put(one)
    order = []
    while (picked := fifo.pick(0)) is not None:  # one agent
        order.append(picked.destination)
        fifo.release(picked, 0)
    assert order == ["a", "b", "c", "a"]


@given(
    st.lists(st.sampled_from(["put a", "put b", "pick", "release"]), max_size=60),
    st.integers(1, 3),
)
def test_nothing_is_lost_and_no_limit_is_broken(steps: list[str], limit: int) -> None:
    fifo = fifo_of(limit)
    waiting: dict[str, list[Entry]] = {"a": [], "b": []}
    busy: dict[str, int] = {"a": 0, "b": 0}
    for number, step in enumerate(steps):
        if step.startswith("put"):
            one = entry(step[-1], number)
            waiting[step[-1]].append(one)
            fifo.put(one)
        elif step == "pick":
            picked = fifo.pick(0)
            ready = [d for d in waiting if waiting[d] and busy[d] < limit]
            if picked is None:
                assert not ready
                continue
            assert picked.destination in ready
            assert picked is waiting[picked.destination].pop(0)
            busy[picked.destination] += 1
        else:
            taken = [d for d in busy if busy[d]]
            if taken:
                busy[taken[0]] -= 1
                fifo.release(entry(taken[0]), 0)
