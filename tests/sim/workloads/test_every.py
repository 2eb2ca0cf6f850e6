"""Fixed intervals."""

from __future__ import annotations

from itertools import islice

import pytest

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.every import Every


def test_due_at_every_interval() -> None:
    every = Every.from_options("10s")
    assert list(islice(every.due(Streams(1)["x"]), 3)) == [0, 10 * SECOND, 20 * SECOND]
    assert every.expected(25 * SECOND) == 3
    assert every.expected(20 * SECOND) == 2


def test_options() -> None:
    for wrong in (10, "0s", "-1s", None):
        with pytest.raises(ValueError, match="expected"):
            Every.from_options(wrong)
