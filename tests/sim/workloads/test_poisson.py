"""Poisson arrivals: rate, memorylessness, options."""

from __future__ import annotations

from itertools import islice, pairwise

import numpy as np
import pytest

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.poisson import Poisson


def test_gaps_are_exponential_with_the_rate() -> None:
    n = 20_000
    due = list(islice(Poisson(2.0).due(Streams(1)["x"]), n))
    gaps = np.array([b - a for a, b in pairwise(due)]) / SECOND
    # The mean and the coefficient of variation of n exponential gaps, within four standard errors.
    assert gaps.mean() == pytest.approx(0.5, rel=4 / n**0.5)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=4 / n**0.5)
    assert due == sorted(due)


def test_options() -> None:
    assert Poisson.from_options("120/min").rate_per_s == 2.0
    assert Poisson.from_options("120/min").expected(60 * SECOND) == 120
    for wrong in (120, "0/s", "-1/s", None, "2 s"):
        with pytest.raises(ValueError, match="expected a rate"):
            Poisson.from_options(wrong)
