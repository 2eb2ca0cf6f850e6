"""Synchronisation points: in the order of time, then of the processes' numbers."""

from __future__ import annotations

import pytest

from mailsim.sim.clock import Clock, SyncPoint


def test_equal_times_come_in_the_order_of_numbers() -> None:
    clock, seen = Clock(), []
    for at_ns, number in ((5, 9), (5, 3), (4, 7), (5, 4)):
        point = SyncPoint(clock, at_ns, number)
        assert point.callbacks is not None
        point.callbacks.append(lambda _, place=(at_ns, number): seen.append(place))
    clock.run(until=6)
    assert seen == [(4, 7), (5, 3), (5, 4), (5, 9)]


def test_time_does_not_run_backwards() -> None:
    clock = Clock()
    clock.run(until=10)
    SyncPoint(clock, 10, 2)
    with pytest.raises(ValueError, match=r"process 2 wants to be at 9 ns, but it is 10 ns"):
        SyncPoint(clock, 9, 2)


def test_it_advances_as_it_runs_or_by_some_events() -> None:
    clock, seen = Clock(), []
    for at_ns in (1, 2, 5):
        point = SyncPoint(clock, at_ns, 2)
        assert point.callbacks is not None
        point.callbacks.append(lambda _, at_ns=at_ns: seen.append(at_ns))
    clock.advance(5, 1)
    assert (seen, clock.now) == ([1], 1)
    clock.advance(5, 9)
    assert (seen, clock.now) == ([1, 2], 5)
    clock.advance(7, 9)
    assert (seen, clock.now) == ([1, 2, 5], 7)
