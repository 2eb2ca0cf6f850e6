"""Expectations such as ``p95(delay) < 90s``: how they are read, and when they are met."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mailsim.analysis import Verdict, judged, parse_expectation
from mailsim.errors import ExpressionError

MET, MISSED, UNDECIDED = Verdict


@pytest.mark.parametrize(
    ("text", "shown", "bound"),
    [
        ("p95(delay) < 90s", "p95(delay) < 90s", 90.0),
        ("median( delay )<=1.5 min", "p50(delay) <= 1.5 min", 90.0),
        ("rate(bounced) < 0.1%", "rate(bounced) < 0.1%", 0.001),
        ("finished < 9h", "finished < 9h", 32400.0),
        ("max(queue_depth, host=mx1.example.org) < 20000",
         "max(queue_depth, host=mx1.example.org) < 20000", 20000.0),
        ("throughput(traffic=news) >= 60/min", "throughput(traffic=news) >= 60/min", 1.0),
        ("count(bounced) > 3", "count(bounced) > 3", 3.0),
        ("mean(attempts) < 1.5", "mean(attempts) < 1.5", 1.5),
    ],
)  # fmt: skip
def test_read(text: str, shown: str, bound: float) -> None:
    found = parse_expectation(text)
    assert (str(found), found.bound) == (shown, pytest.approx(bound))
    assert parse_expectation(shown).bound == found.bound


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("p95(dely) < 90s", "unknown measure 'dely': known are attempts, bounced", 4),
        ("finished", "expected one of <, <=, >, >=, got 'the end'", 8),
        ("finished = 9h", "expected one of <, <=, >, >=, got '= 9h'", 9),
        ("finished <  9", "finished: expected a duration such as 20ms or 5 min, got '9'", 12),
        ("finished < ", "expected a duration such as 20ms or 5 min, got ''", 11),
        ("rate(bounced) < 0.1", "expected a share such as 0.1% or 25%, got '0.1'", 16),
        ("count(bounced) < 3s", "expected a number of recipients, without a unit, got '3s'", 17),
        ("throughput > 5", "expected a rate such as 20/s", 13),
    ],
)
def test_wrong(text: str, message: str, at: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expectation(text)
    assert message in caught.value.message
    assert caught.value.at == at


@pytest.mark.parametrize(
    ("text", "values", "verdict"),
    [
        # The interval of 8, 9, 10 is 9 plus or minus 4.303 / sqrt(3) = 2.484.
        ("finished < 11.5s", [8, 9, 10], MET),
        ("finished < 11.4s", [8, 9, 10], UNDECIDED),
        ("finished < 6.6s", [8, 9, 10], UNDECIDED),
        ("finished < 6.5s", [8, 9, 10], MISSED),
        ("finished > 6.5s", [8, 9, 10], MET),
        ("finished > 9s", [8, 9, 10], UNDECIDED),
        ("finished > 11.5s", [8, 9, 10], MISSED),
        # Without spread the sign decides.
        ("finished < 9s", [9, 9], MISSED),
        ("finished <= 9s", [9, 9], MET),
        # One run is held against its own value.
        ("finished < 9s", [8.9], MET),
        ("finished < 9s", [9.1], MISSED),
        # But one value of several runs tells nothing of its spread.
        ("finished < 9s", [8.9, math.nan], UNDECIDED),
        ("finished < 9s", [8, math.inf, 8], MISSED),
        ("finished > 9s", [8, math.inf, 8], MET),
        ("mean(delay) < 9s", [math.nan, math.nan], MISSED),
    ],
)
def test_verdict(text: str, values: list[float], verdict: Verdict) -> None:
    assert parse_expectation(text).judge(values).verdict == verdict


@pytest.mark.parametrize(
    ("text", "share", "n", "verdict"),
    [
        # 3.7 / n is the bound of what never came: 3689 recipients for a thousandth.
        ("rate(bounced) < 0.1%", 0.0, 3680, UNDECIDED),
        ("rate(bounced) < 0.1%", 0.0, 3690, MET),
        ("rate(delivered) > 99.9%", 1.0, 3680, UNDECIDED),
        ("rate(delivered) > 99.9%", 1.0, 3690, MET),
        ("rate(bounced) > 1%", 0.0, 3690, MISSED),
    ],
)
def test_no_event_in_few_recipients_is_no_proof(
    text: str, share: float, n: int, verdict: Verdict
) -> None:
    sizes = [n / 10] * 10
    assert parse_expectation(text).judge([share] * 10, sizes=sizes).verdict == verdict


def test_what_is_not_so_is_called_met_rarely() -> None:
    """At the bound itself each wrong verdict has half of 5 %."""
    rng, one, n = np.random.default_rng(1), parse_expectation("finished < 100s"), 4000
    found = [one.judge(rng.normal(100, 10, 5).tolist()).verdict for _ in range(n)]
    three_sigma = 3 * math.sqrt(0.025 * 0.975 / n)
    for verdict in (MET, MISSED):
        assert found.count(verdict) / n == pytest.approx(0.025, abs=three_sigma)


def test_as_a_table() -> None:
    values = {0: [8.0, 9.0, 10.0], 3: [math.inf, 1.0, 1.0]}
    table = judged(["finished < 90s"], [(point, lambda _, p=point: values[p]) for point in values])
    first, second = table.to_dict("records")
    assert (first["point"], first["verdict"], first["unit"]) == (0, "met", "s")
    assert (first["mean"], first["half_width"]) == (9.0, pytest.approx(2.4841, abs=1e-4))
    assert (second["point"], second["verdict"], second["half_width"]) == (3, "missed", 0.0)
