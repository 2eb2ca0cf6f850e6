"""Lost segments, round by round; which are lost is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest

from mailsim.sim.loss import LossySender, Round
from mailsim.sim.tcp import MSS

MS = 1_000_000
S = 1000 * MS
LOSS = 0.01


def gaps(*good: int) -> Callable[[], float]:
    """Return uniform numbers that let so many segments arrive before each loss, then all."""

    def numbers() -> Iterator[float]:
        for n in good:
            yield 1 - math.exp((n + 0.5) * math.log1p(-LOSS))
        while True:
            yield 1 - 2**-53

    return numbers().__next__


def rounds(sender: LossySender, segments: int) -> list[Round]:
    return list(sender.rounds(segments * MSS))


def sizes(found: list[Round]) -> list[int]:
    return [one.size_bytes // MSS for one in found]


def lossy(*good: int) -> LossySender:
    return LossySender(100 * MS, 0, LOSS, gaps(*good))


def test_without_loss_it_is_slow_start() -> None:
    def never() -> float:
        raise AssertionError("nothing to draw")

    found = rounds(LossySender(100 * MS, 0, 0.0, never), 71)
    assert sizes(found) == [10, 20, 40, 1]
    assert [one.is_last for one in found] == [False, False, False, True]
    assert {one.least_ns for one in found} == {100 * MS}


def test_three_later_segments_show_a_loss_in_a_round_trip() -> None:
    """The seventh of ten: it goes again with four others, and the window stays at five once."""
    found = rounds(lossy(6), 30)
    assert sizes(found) == [10, 5, 5, 5, 6]
    assert {one.least_ns for one in found} == {100 * MS}


def test_a_loss_near_the_end_waits_for_a_timeout() -> None:
    """The eighth of ten has two behind it."""
    found = rounds(lossy(7), 10)
    assert found == [
        Round(10 * MSS, 1100 * MS, is_last=False),
        Round(MSS, 100 * MS, is_last=True),
    ]


def test_timeouts_of_one_segment_double_up_to_a_minute() -> None:
    """Nothing of the round arrives, so the timer runs from its start (RFC 6298)."""
    found = rounds(lossy(*[0] * 8), 1)
    assert [one.least_ns // S for one in found[:-1]] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert found[-1] == Round(MSS, 100 * MS, is_last=True)


def test_what_is_sent_again_and_lost_again_waits_for_a_timeout() -> None:
    found = rounds(lossy(0, 9), 40)
    assert [one.least_ns for one in found[:2]] == [100 * MS, 1100 * MS]
    assert sizes(found)[2] == 1


def test_two_losses_of_a_round_halve_the_window_once() -> None:
    assert sizes(rounds(lossy(1, 1), 20))[:2] == [10, 5]


def test_slow_start_ends_at_the_threshold() -> None:
    """After a timeout at a window of ten: 1, 2, 4, then five and hardly more."""
    sender = lossy(8)
    rounds(sender, 10)
    assert sizes(rounds(sender, 20))[:4] == [2, 4, 5, 5]


def test_delayed_acknowledgments_are_half_as_many() -> None:
    """Slow start by one for two segments, then by half a segment a round."""
    sender = LossySender(100 * MS, 0, LOSS, gaps(80), acked_each=2)
    found = sizes(rounds(sender, 300))
    assert found[:4] == [10, 15, 23, 35], "the last of these has the loss"
    assert found[4:10] == [17, 17, 17, 18, 18, 19], "17.5 once more, then by half"


def test_it_begins_again_after_it_has_been_idle() -> None:
    sender = lossy()
    rounds(sender, 30)
    sender.rest(S)
    sender.resume(2 * S)
    assert sizes(rounds(sender, 40)) == [40]
    sender.rest(3 * S)
    sender.resume(4 * S + 1)
    assert sizes(rounds(sender, 40)) == [10, 20, 10]


@pytest.mark.parametrize(("loss", "bit_s", "expected"), [
    (0.0, 1_000_000, True), (0.0, 10_000_000, False), (LOSS, 1_000_000, False),
])  # fmt: skip
def test_a_pipe_that_the_window_fills(loss: float, bit_s: int, expected: bool) -> None:
    sender = LossySender(100 * MS, bit_s, loss, gaps())
    assert sender.is_unlimited_by(bit_s) is expected
