"""A single message."""

from __future__ import annotations

import pytest

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.once import Once


def test_due_once() -> None:
    once = Once.from_options("5s")
    assert list(once.due(Streams(1)["x"])) == [5 * SECOND]
    assert (once.expected(5 * SECOND), once.expected(6 * SECOND)) == (0.0, 1.0)


def test_options() -> None:
    for wrong in (5, "-1s", None):
        with pytest.raises(ValueError, match="expected"):
            Once.from_options(wrong)
