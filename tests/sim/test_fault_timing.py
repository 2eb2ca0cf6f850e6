"""When faults begin and end."""

from __future__ import annotations

from itertools import islice

from mailsim.sim.fault_timing import Timing
from mailsim.sim.streams import Streams

DRAWS = Streams(1)["fault"]
S = 1_000_000_000


def test_once_and_at_regular_times() -> None:
    assert list(Timing(5).periods(DRAWS)) == [(5, None)]
    assert list(Timing(5, 3).periods(DRAWS)) == [(5, 8)]
    every = Timing(5, 3, 10).periods(DRAWS)
    assert list(islice(every, 3)) == [(5, 8), (15, 18), (25, 28)]


def test_random_times_have_the_means_they_say() -> None:
    """Alternating renewal: mean of n exponentials has standard deviation mean / sqrt(n)."""
    n = 10_000
    timing = Timing(7 * S, mtbf_ns=60 * S, mttr_ns=4 * S)
    periods = list(islice(timing.periods(Streams(3)["fault"]), n))
    began, ended = [p[0] for p in periods], [p[1] or 0 for p in periods]
    assert all(b <= e for b, e in periods if e is not None)
    up = [b - e for b, e in zip(began, [7 * S, *ended], strict=False)]
    down = [e - b for b, e in zip(began, ended, strict=True)]
    limit = 3.29 / n**0.5  # two-sided, 99.9 %
    assert abs(sum(up) / n / (60 * S) - 1) < limit
    assert abs(sum(down) / n / (4 * S) - 1) < limit
    share, expected = sum(down) / ended[-1], 4 / 64
    # Delta method: the variance of the share is 2 (u d / (u + d)^2)^2 / n.
    assert abs(share - expected) < 3.29 * (2 / n) ** 0.5 * expected * (1 - expected) * 1.1
