"""The verdict on measurements that are made up."""

from __future__ import annotations

import math

import pytest
from theory.estimate import Estimate
from theory.judge import Plan, Study, judge

PLAN = Plan()


def verdict(value: float, error: float, plan: Plan = PLAN) -> str:
    """Return the verdict of `dns_rare`'s share of hits, which is a third within 3 %."""
    third = Estimate(value / 3, error / 3, 10)
    measured = {"hit": third, "miss": 2 / 3, "upstream_qps": 1 / 900}
    study = Study("dns_rare", lambda plan: measured, Plan(), PLAN)
    return judge(study, plan)[0].verdict


@pytest.mark.parametrize(
    ("value", "error", "short", "long"),
    [
        (1.02, 0.007, "agrees", "agrees"),
        (0.98, 0.007, "agrees", "agrees"),
        (1.031, 0.007, "disagrees", "disagrees"),  # too far
        (1.02, 0.008, "agrees", "undecided"),  # near, but 4 errors are wider than the margin
        (1.05, 0.014, "agrees", "undecided"),
        (1.05, 0.016, "undecided", "undecided"),  # wider than twice the margin
        (1.1, 0.015, "disagrees", "disagrees"),
        (math.nan, 0.0, "disagrees", "disagrees"),
    ],
)
def test_verdict(value: float, error: float, short: str, long: str) -> None:
    assert (verdict(value, error, Plan(2)), verdict(value, error)) == (short, long)


def test_what_is_exact_has_no_interval() -> None:
    study = Study(
        "dns_rare",
        lambda plan: {"hit": 1 / 3, "miss": 2 / 3 + 1e-6, "upstream_qps": 1 / 900},
        PLAN,
        PLAN,
    )
    verdicts = {one.figure: one.verdict for one in judge(study, PLAN)}
    assert verdicts == {"hit": "agrees", "miss": "disagrees", "upstream_qps": "agrees"}


def test_a_figure_that_nobody_measured() -> None:
    study = Study("dns_rare", lambda plan: {"hit": 1 / 3}, PLAN, PLAN)
    with pytest.raises(LookupError, match=r"dns_rare: miss, upstream_qps"):
        judge(study, PLAN)
