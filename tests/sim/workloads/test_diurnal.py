"""A rate that follows the time of day: its shape, its sum, options."""

from __future__ import annotations

from itertools import takewhile

import numpy as np
import pytest

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.diurnal import Diurnal

HOUR = 3600 * SECOND
DAY = 24 * HOUR


def test_the_rate_swings_about_its_mean() -> None:
    diurnal = Diurnal(20.0, 30.0, DAY, 14 * HOUR)
    rates = {8: 20.0, 14: 30.0, 20: 20.0, 26: 10.0, 38: 30.0, 18: 25.0}
    assert {h: round(diurnal.rate_per_s(h * HOUR), 9) for h in rates} == rates


def test_messages_fall_due_at_that_rate() -> None:
    """Each quarter of a period has its integral of the rate, within four deviations of a count."""
    diurnal = Diurnal(20.0, 40.0, 1000 * SECOND, 250 * SECOND)
    due = list(takewhile(lambda at: at < 1000 * SECOND, diurnal.due(Streams(1)["x"])))
    assert due == sorted(due)
    expected = np.diff([diurnal.expected(i * 250 * SECOND) for i in range(5)])
    found = np.histogram(np.array(due) / SECOND, 4, (0, 1000))[0]
    assert np.all(np.abs(found - expected) < 4 * expected**0.5)
    # The integral over the rising quarter: 20 x 250 (1 + 2 / pi).
    assert expected[0] == pytest.approx(5000 * (1 + 2 / np.pi))
    assert expected.sum() == pytest.approx(20_000)


def test_within_a_short_while_it_is_a_poisson_process() -> None:
    diurnal = Diurnal(2.0, 2.0, DAY, 0)
    due = takewhile(lambda at: at < 10_000 * SECOND, diurnal.due(Streams(1)["x"]))
    gaps = np.diff(list(due)) / SECOND
    n = len(gaps)
    assert gaps.mean() == pytest.approx(0.5, rel=4 / n**0.5)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=4 / n**0.5)


def test_options() -> None:
    usual = Diurnal.from_options({"mean": "20/s", "peak": "30/s"})
    assert (usual.mean_per_s, usual.peak_per_s) == (20, 30)
    assert (usual.period_ns, usual.peak_ns) == (DAY, 12 * HOUR)
    own = {"mean": "60/min", "peak": "2/s", "period": "7d", "peak_at": "10h"}
    week = Diurnal.from_options(own)
    assert (week.peak_per_s, week.period_ns, week.peak_ns) == (2, 7 * DAY, 10 * HOUR)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("20/s", r"expected \{mean: 20/s, .*\}, got '20/s'"),
        ({"mean": "20/s"}, r"expected \{mean: 20/s, .*\}, got \{'mean': '20/s'\}"),
        ({"mean": "20/s", "peak": "30/s", "low": "1/s"}, r"expected \{mean"),
        ({"mean": 20, "peak": "30/s"}, "mean: expected a rate"),
        ({"mean": "0/s", "peak": "0/s"}, "mean: expected a rate above 0, got '0/s'"),
        ({"mean": "20/s", "peak": "41/s"}, "peak: expected a rate from the mean of 20/s to twice"),
        ({"mean": "20/s", "peak": "19/s"}, "peak: expected a rate from the mean"),
        ({"mean": "1/s", "peak": "2/s", "period": "0s"}, "period: expected a duration above 0s"),
        ({"mean": "1/s", "peak": "2/s", "peak_at": "noon"}, "peak_at: expected a duration"),
    ],
)
def test_bad_options(options: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Diurnal.from_options(options)
