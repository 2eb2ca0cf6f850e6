"""Picking the next delivery takes O(log n) at most, in messages and in destinations: counted."""

from __future__ import annotations

import math
import sys
from types import FrameType
from typing import Any

import pytest

from mailsim.compiled import is_compiled
from mailsim.message import Content
from mailsim.mta.queue import Entry
from mailsim.mta.queued import QueuedMessage
from mailsim.mta.schedulers import Scheduler
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.mta.schedulers.preemptive import Preemptive
from mailsim.mta.settings import Settings

EMPTY = Content(0, (), b"", b"")
FEW, MANY = 500, 20_000
PICKS = 200
SETTINGS = Settings(default_process_limit=10**6, default_destination_concurrency_limit=1)


class Moment(int):
    """A time that counts how often it is compared."""

    n_compared = 0

    def __lt__(self, other: int) -> bool:
        Moment.n_compared += 1
        return int(self) < int(other)

    def __eq__(self, other: object) -> bool:
        Moment.n_compared += 1
        return isinstance(other, int) and int(self) == int(other)

    __hash__ = int.__hash__


def work_of_a_pick(scheduler: Scheduler, n_messages: int, n_destinations: int) -> float:
    """Return the calls and comparisons of a pick and its release among so many."""
    for i in range(n_messages):
        to = f"{i % n_destinations}.example"
        message = QueuedMessage(f"{i:X}", "a@example.org", (f"u@{to}",), EMPTY, 0)
        scheduler.put(Entry(message, to, message.recipients, Moment(i)))
    now = n_messages
    assert scheduler.pick(now) is not None  # all that has just come is put in order
    n_calls = 0

    def count(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    Moment.n_compared = 0
    sys.setprofile(count)
    try:
        for _ in range(PICKS):
            entry = scheduler.pick(now)
            assert entry is not None
            scheduler.release(entry, now)
    finally:
        sys.setprofile(None)
    # Heaps compare in C, where no call is seen; comparisons of ours are calls as well.
    return (n_calls + Moment.n_compared) / PICKS


@pytest.mark.skipif(is_compiled(), reason="calls of compiled functions cannot be counted")
@pytest.mark.parametrize("kind", [Fifo, Preemptive])
@pytest.mark.parametrize("by_destination", [False, True])
def test_a_pick_costs_the_logarithm_at_most(kind: type[Any], by_destination: bool) -> None:
    few, many = (
        work_of_a_pick(kind(SETTINGS), n, n if by_destination else 10) for n in (FEW, MANY)
    )
    assert few > 1
    assert many <= few * math.log2(MANY) / math.log2(FEW) * 1.2
