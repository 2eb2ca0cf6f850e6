"""A bulk send: all at once, or at a rate."""

from __future__ import annotations

import pytest

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.bulk import Bulk


def test_all_at_once() -> None:
    bulk = Bulk.from_options({"recipients": 3, "start": "2s"})
    assert list(bulk.due(Streams(1)["x"])) == [2 * SECOND] * 3
    assert bulk.is_bulk
    assert (bulk.expected(2 * SECOND), bulk.expected(3 * SECOND)) == (0.0, 3.0)


def test_at_a_rate() -> None:
    bulk = Bulk.from_options({"recipients": 3, "rate": "2/s"})
    assert list(bulk.due(Streams(1)["x"])) == [0, SECOND // 2, SECOND]
    assert bulk.expected(SECOND) == 2.0
    assert bulk.expected(10 * SECOND) == 3.0


@pytest.mark.parametrize(
    "options", [None, {}, {"recipients": 0}, {"recipients": True}, {"recipients": 1, "rte": "1/s"},
                {"recipients": 1, "rate": 5}, {"recipients": 1, "start": 5}],
)  # fmt: skip
def test_options(options: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        Bulk.from_options(options)
