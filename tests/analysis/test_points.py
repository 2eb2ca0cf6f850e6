"""The figures of a sweep by point."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mailsim.analysis import by_point, differences
from mailsim.analysis.words import interval_text

VALUES = pd.DataFrame(
    [
        (point, replication, metric, value, "s")
        for point, replication, metric, value in [
            (0, 0, "delay", 1.0), (0, 1, "delay", 3.0), (0, 2, "delay", 5.0),
            (1, 0, "delay", 2.0), (1, 1, "delay", 4.0), (1, 2, "delay", math.nan),
            (0, 0, "wait", 7.0), (0, 1, "wait", 7.0), (0, 2, "wait", 7.0),
        ]
    ],
    columns=["point", "replication", "metric", "value", "unit"],
)  # fmt: skip


def test_by_point() -> None:
    found = by_point(VALUES).set_index(["point", "metric"])
    assert found.loc[(0, "delay"), "mean"] == 3.0
    assert found.loc[(0, "delay"), "half_width"] == pytest.approx(4.302653 * 2 / math.sqrt(3))
    assert found.loc[(1, "delay"), ["mean", "replications"]].tolist() == [3.0, 2]
    assert found.loc[(0, "wait"), "half_width"] == 0


def test_a_rate_without_events_is_known_as_well_as_its_recipients_are_many() -> None:
    rows = [
        (0, rep, name, value, "")
        for rep in range(5)
        for name, value in (("rate(bounced)", 0.0), ("n of rate(bounced)", 100.0))
    ]
    values = pd.DataFrame(rows, columns=["point", "replication", "metric", "value", "unit"])
    found = by_point(values).set_index("metric").loc["rate(bounced)"]
    assert (found["mean"], found["low"]) == (0.0, 0.0)
    assert found["high"] == pytest.approx(1 - 0.025 ** (1 / 500))


def test_differences_are_taken_within_replications() -> None:
    found = differences(VALUES, 0, 1).set_index("metric")
    row = found.loc["delay"]
    assert (row["mean"], row["half_width"], row["replications"]) == (1.0, 0.0, 2)
    assert found.loc["wait", "replications"] == 0


def test_text() -> None:
    assert interval_text(12.0, -math.inf, math.inf, "s") == "12 s"
    assert interval_text(12.0, math.nan, math.nan, "recipients") == "12"
    assert interval_text(90.0, 88.5, 91.5, "s") == "1 min 30 s ± 1.5 s"
    assert interval_text(1.0, 0.9, 1.0) == "1 (0.9 to 1)"
