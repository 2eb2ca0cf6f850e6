"""A run cut into windows."""

from __future__ import annotations

import pytest
from synthetic import INFO, delivery, make_tables

from mailsim.analysis import Frames, measured_in_batches, parse_measure
from mailsim.analysis.windows import windows

QUEUES = [
    {"at_s": 10.0, "host": "a", "queue": "active", "depth": 4},
    {"at_s": 60.0, "host": "a", "queue": "active", "depth": 0},
]
FRAMES = Frames(
    make_tables(
        deliveries=[delivery(1, 25.0, 30.0), delivery(2, 70.0, 1.0), delivery(3, 99.0, 3.0)],
        queues=QUEUES,
    ),
    {**INFO, "warmup_s": 20.0},
)


def test_mail_counts_where_it_fell_due_and_queues_where_they_stood() -> None:
    first, second = windows(FRAMES, 2)
    assert (first.warmup_s, first.simulated_s, second.simulated_s) == (20.0, 60.0, 100.0)
    assert [parse_measure("mean(delay)").of(f) for f in (first, second)] == [30.0, 2.0]
    assert [parse_measure("mean(queue_depth)").of(f) for f in (first, second)] == [4.0, 0.0]
    assert parse_measure("throughput").of(first) == pytest.approx(1 / 40)
    assert set(first) == set(FRAMES)
    assert len(first) == len(FRAMES)
    assert "queues" in first


def test_the_interval() -> None:
    found = measured_in_batches(FRAMES, parse_measure("mean(queue_depth)"), 4)
    assert found.interval.value == 2.0
    assert found.interval.n == 4
