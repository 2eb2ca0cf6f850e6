"""A transport: its process limit, delays, dead destinations, and nothing lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.message import Content
from mailsim.mta.queue import Entry
from mailsim.mta.queued import QueuedMessage
from mailsim.mta.settings import Settings
from mailsim.mta.transport import Transport
from mailsim.smtp import Reply

S = 1_000_000_000
EMPTY = Content(0, (), b"", b"")
BUSY = Reply(421, ("too busy",))


def entry(number: int, to: str = "x", recipient: str = "", at_ns: int = 0) -> Entry:
    message = QueuedMessage(f"{number}", "a@example.org", (), EMPTY, at_ns)
    return Entry(message, to, (recipient or f"a@{to}",), at_ns)


def transport(*entries: Entry, **options: float) -> Transport:
    made = Transport(Settings(**options))  # type: ignore[arg-type]
    for one in entries:
        made.put(one)
    return made


def test_the_process_limit() -> None:
    first, second = entry(1, "x"), entry(2, "y")
    one = transport(first, second, default_process_limit=1)
    assert [one.pick(0), one.pick(0)] == [first, None]
    one.release(first, S)
    assert one.pick(S) is second


def test_a_delay_between_deliveries_to_a_destination() -> None:
    first, second, other = entry(1, "x"), entry(2, "x"), entry(3, "y")
    one = transport(first, second, other, default_destination_rate_delay=10 * S)
    assert [one.pick(0), one.pick(0), one.pick(0)] == [first, other, None]
    one.release(first, S)
    assert one.pick(S) is None
    assert one.next_wake_at() == 11 * S
    one.wake(11 * S)
    assert one.pick(11 * S) is second
    one.release(second, 12 * S)
    one.release(other, 12 * S)
    one.wake(22 * S)
    assert one.next_wake_at() is None
    assert not one.has_more("x")


def test_a_delay_between_all_deliveries() -> None:
    first, second = entry(1, "x"), entry(2, "y")
    one = transport(first, second, default_transport_rate_delay=2 * S)
    assert [one.pick(0), one.pick(0)] == [first, None]
    assert one.next_wake_at() == 2 * S
    one.wake(2 * S)
    assert one.pick(2 * S) is second


def test_a_rate_lets_a_burst_go_and_then_one_at_a_time() -> None:
    """The next may start before the last has ended; another destination has its own bucket."""
    entries = [entry(n, "x") for n in range(4)]
    other = entry(4, "y")
    pace = {"default_destination_message_rate": 0.5, "default_destination_message_burst": 2}
    one = transport(*entries, other, **pace)
    assert [one.pick(0) for _ in range(4)] == [entries[0], entries[1], other, None]
    one.release(entries[0], S)
    assert one.pick(S) is None
    assert one.next_wake_at() == 2 * S
    one.wake(2 * S)
    assert [one.pick(2 * S), one.pick(2 * S)] == [entries[2], None]
    one.wake(4 * S)
    assert one.pick(4 * S) is entries[3]
    for done in (*entries[1:], other):
        one.release(done, 4 * S)
    one.wake(6 * S)
    one.put(entries[0])
    assert one.pick(8 * S) is entries[0], "its bucket has filled again"
    one.put(entries[1])
    assert one.pick(8 * S) is entries[1]
    one.put(entries[2])
    assert one.pick(8 * S) is None


def test_a_rate_holds_besides_a_delay() -> None:
    pace = {"default_destination_message_rate": 0.1, "default_destination_rate_delay": 2 * S}
    first, second = entry(1, "x"), entry(2, "x")
    one = transport(first, second, **pace)
    assert one.pick(0) is first
    one.release(first, S)
    one.wake(3 * S)
    assert one.pick(3 * S) is None
    one.wake(10 * S)
    assert one.pick(10 * S) is second


def test_a_destination_that_comes_back_still_has_its_rate() -> None:
    """It dies without a token, a delivery under way gets in; the timer of its token is gone."""
    first, second, third = (entry(n, "x") for n in range(3))
    pace = {"default_destination_message_rate": 0.1, "default_destination_message_burst": 2}
    limits = {"initial_destination_concurrency": 2, "minimal_backoff_time": 300 * S}
    own = {"default_destination_concurrency_failed_cohort_limit": 1, **limits, **pace}
    one = transport(first, second, **own)
    assert [one.pick(0), one.pick(0)] == [first, second]
    one.feedback(first, BUSY, S)
    one.feedback(first, BUSY, S)
    one.release(first, S)
    one.feedback(second, None, 2 * S)
    one.release(second, 2 * S)
    one.put(third)
    one.wake(2 * S)
    assert one.pick(2 * S) is None
    one.wake(10 * S)
    assert one.pick(10 * S) is third


def test_a_recipient_limit_of_one_makes_a_queue_of_each_recipient() -> None:
    """The limit of concurrency then holds for a recipient, not for a domain."""
    entries = [entry(n, "x", to) for n, to in enumerate(["a@x", "b@x", "a@x", "c@x"])]
    own = {"default_destination_recipient_limit": 1, "default_destination_concurrency_limit": 1}
    one = transport(*entries, **own)
    assert [one.pick(0) for _ in range(4)] == [entries[0], entries[1], entries[3], None]
    assert not one.has_more("x")


def test_all_that_waits_for_a_dead_destination_is_withdrawn() -> None:
    """Also what is new, what is part of a larger message, and what comes later."""
    tried = entry(1, "x")
    both = [Entry(entry(2).message, to, (f"a@{to}",), 0) for to in ("x", "y")]
    one = transport(tried, *both, initial_destination_concurrency=1)
    assert one.pick(0) is tried
    new, later = entry(3, "x"), entry(4, "x")
    one.put(new)
    one.feedback(tried, BUSY, 5 * S)
    assert [e for e, _ in one.withdrawn] == [both[0], new]
    one.feedback(tried, BUSY, 5 * S)
    one.put(later)
    assert [e for e, _ in one.withdrawn] == [both[0], new, later]
    assert one.withdrawn[0][1].text == "4.4.1 delivery temporarily suspended: too busy"
    one.release(tried, 5 * S)
    assert one.pick(5 * S) is both[1]
    assert one.next_wake_at() == 305 * S
    one.wake(305 * S)
    again = entry(5, "x")
    one.put(again)
    assert one.pick(305 * S) is again


def test_a_delivery_that_succeeds_revives_its_destination() -> None:
    first, second, third = (entry(n, "x") for n in (1, 2, 3))
    one = transport(first, second, initial_destination_concurrency=2)
    assert [one.pick(0), one.pick(0)] == [first, second]
    one.feedback(first, BUSY, 0)
    one.feedback(first, BUSY, 0)
    one.put(third)
    assert [e for e, _ in one.withdrawn] == [third]
    one.release(first, 0)
    one.feedback(second, None, S)
    one.release(second, S)
    again = entry(4, "x")
    one.put(again)
    assert one.pick(S) is again, "long before the timer"
    one.feedback(again, BUSY, 200 * S)
    one.feedback(again, BUSY, 200 * S)
    assert one.pick(200 * S) is None
    one.wake(300 * S)
    one.put(third)
    assert len(one.withdrawn) == 2, "the timer of the first death says nothing of the second"
    assert one.next_wake_at() == 500 * S


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.003])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.lists(st.sampled_from("xyz"), min_size=1, max_size=40)),
            st.tuples(st.sampled_from(["pick", "well", "badly", "wait"]), st.just([])),
        ),
        max_size=120,
    )
)
def test_nothing_is_lost_and_no_window_is_broken(
    rate: float, steps: list[tuple[str, list[str]]]
) -> None:
    limits = {"default_destination_concurrency_limit": 3, "initial_destination_concurrency": 2}
    one = transport(default_delivery_slot_cost=2, default_destination_message_rate=rate, **limits)
    now, n_in, n_out = 0, 0, 0
    busy: list[Entry] = []
    for number, (step, destinations) in enumerate(steps):
        if step == "put":
            message = entry(number).message
            for to in destinations:
                one.put(Entry(message, to, (f"a@{to}",), now))
            n_in += len(destinations)
        elif step == "pick":
            while (picked := one.pick(now)) is not None:
                busy.append(picked)
        elif step == "wait":
            now += 300 * S
            one.wake(now)
        elif busy:
            done = busy.pop(0)
            one.feedback(done, BUSY if step == "badly" else None, now)
            one.release(done, now)
            n_out += 1
        for to in "xyz":
            assert len([e for e in busy if e.destination == to]) <= 3
    for _ in range(n_in + 1):
        now += 400 * S  # a token at 0.003 a second
        one.wake(now)
        while (picked := one.pick(now)) is not None:
            busy.append(picked)
        n_out += len(busy)
        for done in busy:
            one.feedback(done, None, now)
            one.release(done, now)
        busy.clear()
    assert n_out + len(one.withdrawn) == n_in
    one.wake(now + 400 * S)
    assert one.next_wake_at() is None
