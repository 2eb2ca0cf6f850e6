"""Depths over time: step functions, their means and peaks."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import INFO, make_tables

from mailsim.analysis import Frames, depth_steps, peak_depths, time_average

ROWS = [
    {"at_s": 2.0, "host": "a", "queue": "active", "depth": 1},
    {"at_s": 2.0, "host": "a", "queue": "active", "depth": 3},
    {"at_s": 3.0, "host": "b", "queue": "active", "depth": 9},
    {"at_s": 6.0, "host": "a", "queue": "active", "depth": 0},
    {"at_s": 7.0, "host": "a", "queue": "busy:25", "depth": 100},
]
QUEUES = Frames(make_tables(queues=ROWS), INFO)["queues"]


@pytest.mark.parametrize(
    ("window", "at_s", "depth", "mean"),
    [
        ((0, 10), [0, 2, 2, 6, 10], [0, 1, 3, 0, 0], 1.2),
        ((2, 6), [2, 6, 6], [3, 0, 0], 3.0),
        ((3, 5), [3, 5], [3, 3], 3.0),
        ((7, 8), [7, 8], [0, 0], 0.0),
        ((0, 1), [0, 1], [0, 0], 0.0),
    ],
)
def test_steps_and_their_mean(
    window: tuple[float, float], at_s: list[float], depth: list[float], mean: float
) -> None:
    steps = depth_steps(QUEUES, "a", "active", *window)
    assert steps[0].tolist() == at_s
    assert steps[1].tolist() == depth
    assert time_average(*steps) == pytest.approx(mean)


def test_no_span_has_no_mean() -> None:
    assert np.isnan(time_average(*depth_steps(QUEUES, "a", "active", 5, 5)))


def test_peaks() -> None:
    peaks = peak_depths(QUEUES)
    assert peaks.to_numpy().tolist() == [["b", "active", 9, 3.0], ["a", "active", 3, 2.0]]


def test_a_queue_filled_before_the_warm_up_counts_with_what_is_left() -> None:
    peaks = peak_depths(QUEUES, 5.0)
    assert peaks.to_numpy().tolist() == [["b", "active", 9, 5.0], ["a", "active", 3, 5.0]]
    assert peak_depths(QUEUES, 6.5).set_index("host")["depth"].to_dict() == {"a": 0, "b": 9}
