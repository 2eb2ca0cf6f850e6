"""Preemption: the sequences of SCHEDULER_README, its bound, and transports side by side."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsim.message import Content
from mailsim.mta.queue import Entry
from mailsim.mta.queued import QueuedMessage
from mailsim.mta.schedulers import FeedbackScheduler
from mailsim.mta.schedulers.preemptive import Preemptive
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply

S = 1_000_000_000
EMPTY = Content(0, (), b"", b"")
ANY = {"default_destination_concurrency_limit": 1000, "initial_destination_concurrency": 1000}


def message(number: int) -> QueuedMessage:
    return QueuedMessage(f"{number}", "a@example.org", (), EMPTY, 0)


def entry(number: int, to: str = "x", recipient: str = "", at_ns: int = 0) -> Entry:
    return Entry(message(number), to, (recipient or f"a@{to}",), at_ns)


def knobs(cost: int, loan: int = 0, discount: int = 0, **more: int) -> Settings:
    return Settings(  # type: ignore[arg-type]
        default_delivery_slot_cost=cost,
        default_delivery_slot_loan=loan,
        default_delivery_slot_discount=discount,
        default_process_limit=10_000,
        **(ANY | more),
    )


def sequence(scheduler: Preemptive, *sizes: int) -> str:
    """Queue a message of each size, one recipient a delivery; tell whose turn came when."""
    for number, size in enumerate(sizes, 1):
        for i in range(size):
            scheduler.put(entry(number, recipient=f"{i}@x"))
    order = ""
    while (picked := scheduler.pick(0)) is not None:
        order += picked.message.queue_id
    return order


@pytest.mark.parametrize(
    ("cost", "discount", "sizes", "order"),
    [
        (2, 0, (10, 2, 2), "11112211113311"),
        (2, 50, (10, 2, 2), "11221111331111"),
        (0, 0, (10, 2, 2), "11111111112233"),
        (1, 0, (10, 2, 2), "11111111112233"),  # qmgr_job.c: would degenerate, so it is off
    ],
)
def test_the_sequences_of_the_readme(
    cost: int, discount: int, sizes: tuple[int, ...], order: str
) -> None:
    assert sequence(Preemptive(knobs(cost, 0, discount)), *sizes) == order


def test_the_idea_of_the_readme() -> None:
    """Four small ones behind a larger one, a place for each delivery of the larger one."""
    assert sequence(Preemptive(knobs(1), least_cost=1), 4, 1, 1, 1, 1) == "12131415"


def test_a_message_too_small_to_earn_places_is_not_preempted() -> None:
    assert sequence(Preemptive(knobs(5, 3, 50)), 14, 1) == "1" * 14 + "2"
    assert sequence(Preemptive(knobs(5, 3, 50)), 15, 1) == "12" + "1" * 14


def test_places_lent_come_earlier_but_must_be_earned_before_the_next() -> None:
    assert sequence(Preemptive(knobs(5, 3, 50)), 24, 2, 2) == "122" + "1" * 10 + "33" + "1" * 13


def test_one_that_preempts_may_be_preempted() -> None:
    """The small message goes ahead of the one that has just got ahead of the large one."""
    scheduler = Preemptive(knobs(2, 3, 50, default_minimum_delivery_slots=1))
    for i in range(30):
        scheduler.put(entry(1, recipient=f"{i}@x"))
    for i in range(6):
        scheduler.put(entry(2, recipient=f"{i}@x"))
    order = "".join(picked.message.queue_id for _ in range(3) if (picked := scheduler.pick(0)))
    assert order == "122"
    scheduler.put(entry(3, at_ns=S))
    while (picked := scheduler.pick(S)) is not None:
        order += picked.message.queue_id
    assert order == "12232222" + "1" * 29


def test_of_two_that_may_preempt_the_one_goes_that_has_waited_longer_for_its_size() -> None:
    def order_at(now_ns: int) -> str:
        scheduler = Preemptive(knobs(2, 3))
        for i in range(20):
            scheduler.put(entry(1, recipient=f"{i}@x"))
        for i in range(3):
            scheduler.put(entry(2, recipient=f"{i}@x"))
        scheduler.put(entry(3, at_ns=5 * S))
        return "".join(p.message.queue_id for _ in range(3) if (p := scheduler.pick(now_ns)))

    assert order_at(6 * S) == "122", "7 s for 3 recipients against 2 s for 1"
    assert order_at(9 * S) == "131", "10 s for 3 recipients against 5 s for 1"


@settings(max_examples=60)
@given(
    st.integers(2, 6),
    st.integers(15, 80),
    st.lists(st.integers(1, 40), max_size=30),
)
def test_no_message_takes_longer_than_its_share(cost: int, large: int, others: list[int]) -> None:
    """SCHEDULER_README: preemption lengthens a message by k/(k-1) at most, loans apart."""
    order = sequence_numbers(Preemptive(knobs(cost)), [large, *others])
    assert sorted(order) == sorted(
        n for n, size in enumerate([large, *others], 1) for _ in range(size)
    )
    last = len(order) - order[::-1].index(1)
    assert last <= large * cost / (cost - 1) + 1e-9


def sequence_numbers(scheduler: Preemptive, sizes: list[int]) -> list[int]:
    for number, size in enumerate(sizes, 1):
        for i in range(size):
            scheduler.put(entry(number, recipient=f"{i}@x"))
    order = []
    while (picked := scheduler.pick(0)) is not None:
        order.append(int(picked.message.queue_id))
    return order


def test_a_small_message_passes_large_ones_that_wait_for_the_same_destination() -> None:
    """A busy destination does not hide who could go first: by size the first is known."""
    scheduler = Preemptive(
        Settings(initial_destination_concurrency=1, default_destination_concurrency_limit=1)
    )
    for number in (1, 2, 3):
        for i in range(100):
            scheduler.put(entry(number, recipient=f"{i}@x"))
    scheduler.put(entry(4))
    order = []
    for _ in range(4):
        picked = scheduler.pick(0)
        assert picked is not None
        assert scheduler.pick(0) is None, "the destination takes one at a time"
        order.append(picked.message.queue_id)
        scheduler.release(picked, 0)
    assert order == ["1", "4", "1", "1"]


def test_transports_take_turns_each_within_its_process_limit() -> None:
    slow = Settings(default_process_limit=1)
    scheduler = Preemptive(Settings(default_process_limit=3), {"slow": slow})
    assert isinstance(scheduler, FeedbackScheduler)
    assert scheduler.process_limit == 4
    for number in range(1, 5):
        scheduler.put(entry(number, "x"))
        scheduler.put(entry(number, "slow:x"))
    picked = [scheduler.pick(0) for _ in range(5)]
    assert [p.destination for p in picked if p] == ["x", "slow:x", "x", "x"]
    assert scheduler.has_more("slow:x")
    assert picked[1] is not None
    scheduler.release(picked[1], 0)
    following = scheduler.pick(0)
    assert following is not None
    assert following.destination == "slow:x"
    assert scheduler.next_wake_at() is None
    anew = scheduler.anew()
    assert (anew.process_limit, anew.pick(0)) == (4, None)


def test_what_waits_for_a_dead_destination_is_handed_out_once() -> None:
    scheduler = Preemptive(Settings(initial_destination_concurrency=1))
    first, second = entry(1), entry(2)
    scheduler.put(first)
    scheduler.put(second)
    assert scheduler.pick(0) is first
    scheduler.feedback(first, Reply(421, ("busy",), "4.3.2"), 0)
    ((withdrawn, why),) = scheduler.withdraw()
    assert withdrawn is second
    assert str(why) == "450 4.3.2 delivery temporarily suspended: busy"
    assert scheduler.withdraw() == []
    assert scheduler.next_wake_at() == 300 * S
    scheduler.release(first, 0)
    scheduler.wake(300 * S)
    scheduler.put(second)
    assert scheduler.pick(300 * S) is second
