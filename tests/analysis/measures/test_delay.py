from __future__ import annotations

import math

import pytest
from measured import value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mean(delay)", 6.0),
        ("min(delay)", 2.0),
        ("max(delay)", 12.0),
        ("std(delay)", math.sqrt(28)),
        ("count(delay)", 3),
        ("median(delay)", 4.0),
        ("p75(delay)", 8.0),
        ("p95(delay)", 11.2),
        ("p99.9(delay)", 11.984),
        ("mean(delay, traffic=people)", 12.0),
        ("mean(delay, traffic=news, to_domain=slow.example)", 4.0),
        ("mean(delay, recipient='r1@example.net')", 2.0),
        ("mean(delay, traffic=report)", 1.0),
    ],
)
def test_of_the_delivered(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected)


def test_nothing_to_measure() -> None:
    assert math.isnan(value("p95(delay)", []))
    assert math.isnan(value("std(delay, traffic=people)"))
    assert value("count(delay)", []) == 0
    assert value("mean(delay)", warmup_s=30.0) == 12.0
