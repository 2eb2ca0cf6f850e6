"""CUBIC, round by round; which segments are lost is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from mailsim.sim.cubic import CubicSender
from mailsim.sim.tcp import MSS

MS = 1_000_000
LOSS = 1e-6


def gaps(*good: int) -> Callable[[], float]:
    """Return uniform numbers that let so many segments arrive before each loss, then all."""

    def numbers() -> Iterator[float]:
        for n in good:
            yield 1 - math.exp((n + 0.5) * math.log1p(-LOSS))
        while True:
            yield 1 - 2**-53

    return numbers().__next__


def sizes(segments: int, *good: int, rtt_ns: int = 100 * MS) -> list[int]:
    """Return the segments of each round until the last."""
    sender = CubicSender(rtt_ns, 0, LOSS, gaps(*good))
    return [one.size_bytes // MSS for one in sender.rounds(segments * MSS)][:-1]


def test_a_window_comes_back_along_a_cube() -> None:
    """Of 640 segments 448 are left; flat after cbrt(192 / 0.4) = 7.83 s (section 4.2)."""
    found = sizes(200_000, 700)
    lossy = found.index(640)
    after = found[lossy + 2 :]
    assert found[: lossy + 2] == [10, 20, 40, 80, 160, 320, 640, 448]
    assert after[0] == 448
    for t_s in (2.0, 4.0, 7.8, 10.0, 15.0):
        cube = 0.4 * (t_s - (192 / 0.4) ** (1 / 3)) ** 3 + 640
        assert after[round(t_s * 10)] == pytest.approx(cube, abs=1.01)


def test_it_is_no_slower_than_reno() -> None:
    """Of ten segments 7 are left, and the window grows by 0.53 a round (RFC 9438 section 4.3)."""
    found = sizes(400, 6, rtt_ns=10 * MS)
    assert found[:2] == [10, 7]
    before_ten = found[2:8]
    assert before_ten == [7, 7, 8, 8, 9, 9]
    after = found[8:]
    assert [b - a for a, b in pairwise(after)] == [1] * (len(after) - 1), "then by 1"


def test_a_window_that_shrinks_aims_lower() -> None:
    """Lost again at 448 on the way to 640: the cube's flat is at 0.85 of that (section 4.7)."""
    found = sizes(60_000, 700, 1000)
    assert found[6:9] == [640, 448, 313], "the second is lost in the round after the first"
    again = found[9:]
    assert again[0] == 313
    flat = next(n for i, n in enumerate(again) if again[i + 1 : i + 6] == [n] * 5)
    assert flat == pytest.approx(0.85 * 448, abs=2)


def test_after_a_timeout_it_begins_in_the_flat() -> None:
    """Slow start to 0.7 of the window, then a cube from there, at most by half (4.8, 4.2)."""
    sender = CubicSender(1000 * MS, 0, LOSS, gaps(8))
    list(sender.rounds(10 * MSS))
    found = [one.size_bytes // MSS for one in sender.rounds(60 * MSS)]
    assert found[:6] == [2, 4, 7, 7, 10, 15], "7 + 0.4 * 2^3 = 10.2, and half as much again"


@pytest.mark.parametrize(("loss", "segments_s"), [(1e-4, 1874.0), (1e-3, 387.3)])
def test_its_throughput_is_that_of_the_rfc(loss: float, segments_s: float) -> None:
    """Losses at equal distances, round trips of 0.1 s (RFC 9438 section 5.1)."""
    n_between = round(1 / loss) - 1
    number = 1 - math.exp((n_between + 0.5) * math.log1p(-loss))
    sender = CubicSender(100 * MS, 0, loss, lambda: number)
    segments = round(200 / loss)
    took_s = sum(one.least_ns for one in sender.rounds(segments * MSS)) / 1e9
    assert segments / took_s == pytest.approx(segments_s, rel=0.06)
