"""Shared links: who gets how much, and when it is over."""

from __future__ import annotations

from collections.abc import Generator
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simpy import Event

from mailsim.sim.clock import Clock, SyncPoint
from mailsim.sim.sharing import Link, Sharing

MS = 1_000_000
A: Link = (("a", "b"), 8_000_000)
B: Link = (("b", "c"), 4_000_000)


def ends_ms(*flows: tuple[int, int, tuple[Link, ...], int]) -> list[float]:
    """Return when flows are over; each begins (ms), has octets, links and a limit (bit/s)."""
    env = Clock()
    sharing = Sharing(env, count(2).__next__)
    ends = [0.0] * len(flows)

    def one(i: int) -> Generator[Event, Any, None]:
        begin_ms, octets, links, cap = flows[i]
        yield SyncPoint(env, begin_ms * MS, 1000 + i)
        yield sharing.carry(octets, links, cap)
        ends[i] = env.now / MS

    for i in range(len(flows)):
        env.process(one(i))
    env.run()
    return ends


def test_alone_it_has_the_link_for_itself() -> None:
    assert ends_ms((0, 1000, (A,), 0)) == [1]


def test_two_have_half_each_until_one_is_over() -> None:
    assert ends_ms((0, 1000, (A,), 0), (0, 2000, (A,), 0)) == [2, 3]


def test_who_comes_later_takes_its_share_from_then_on() -> None:
    assert ends_ms((0, 2000, (A,), 0), (1, 500, (A,), 0)) == [2.5, 2]


def test_what_one_cannot_take_the_other_gets() -> None:
    """2 of 8 Mbit/s for the one, so 6 for the other."""
    assert ends_ms((0, 500, (A,), 2_000_000), (0, 1500, (A,), 0)) == [2, 2]


def test_the_other_direction_is_another_link() -> None:
    back: Link = (("b", "a"), 8_000_000)
    assert ends_ms((0, 1000, (A,), 0), (0, 1000, (back,), 0)) == [1, 1]


def test_rates_over_two_links_are_max_min_fair() -> None:
    """B's two flows get 2 Mbit/s each, so the flow that is on A alone gets 6 of its 8."""
    flows = ((0, 500, (A, B), 0), (0, 500, (B,), 0), (0, 1500, (A,), 0))
    assert ends_ms(*flows) == [2, 2, 2]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5000)), min_size=1, max_size=8))
def test_nothing_is_lost_and_the_link_is_never_idle(given: list[tuple[int, int]]) -> None:
    ends = ends_ms(*[(begin, octets, (A,), 0) for begin, octets in given])
    free = 0.0
    for begin, octets in sorted(given):  # the last end is that of any order of service
        free = max(free, begin) + octets / 1000
    assert max(ends) == pytest.approx(free, abs=1e-4)
