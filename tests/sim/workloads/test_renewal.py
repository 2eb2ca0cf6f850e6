"""Independent gaps."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.renewal import Renewal


def test_gaps_are_drawn_from_the_distribution() -> None:
    renewal = Renewal.from_options({"uniform": {"low": "1s", "high": "3s"}})
    due = list(islice(renewal.due(Streams(1)["x"]), 4000))
    gaps_s = np.diff([0, *due]) / SECOND
    assert 1 <= gaps_s.min() < 1.01
    assert 2.99 < gaps_s.max() <= 3
    assert gaps_s.mean() == pytest.approx(2, abs=4 * (1 / 3 / len(due)) ** 0.5)
    assert abs(np.corrcoef(gaps_s[1:], gaps_s[:-1])[0, 1]) < 4 / len(due) ** 0.5
    assert renewal.expected(100 * SECOND) == pytest.approx(50)


def test_a_constant_gap() -> None:
    assert list(islice(Renewal.from_options("2s").due(Streams(1)["x"]), 2)) == [
        2 * SECOND,
        4 * SECOND,
    ]


@pytest.mark.parametrize("options", ["0s", {"uniform": {"low": "0s", "high": "0s"}}])
def test_time_must_go_on(options: object) -> None:
    with pytest.raises(ValueError, match="gap: expected a duration above 0s"):
        Renewal.from_options(options)
