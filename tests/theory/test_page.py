"""How docs/validation.md is made and read."""

from __future__ import annotations

import pytest
from theory.estimate import Estimate
from theory.judge import Plan, Study, judge
from theory.page import Entry, entry, page, read

PLAN = Plan()
MADE = "mailsim 1.2, 2026-11-27"


def made_up() -> Entry:
    study = Study(
        "dns_rare",
        lambda plan: {"hit": 1 / 3, "miss": Estimate(0.66, 0.001, 10)},
        PLAN,
        PLAN,
        left_out={"upstream_qps": "nobody counts"},
    )
    return entry(study, judge(study, PLAN), MADE, 12.3)


def test_a_page() -> None:
    text = page({"dns_rare": made_up()})
    assert "| looked up | 0.66667 | 0.66 | -1.0 % | 0.65777 to 0.66223 | agrees |" in text
    assert "| from the cache | 0.33333 | 0.33333 |  |  | agrees |" in text
    assert "| lookups (1/s) | 0.0011111 |  |  |  | left out: nobody counts |" in text
    assert "[dns_rare.yaml](../experiments/theory/dns_rare.yaml)" in text
    assert f"{MADE}, 12 s of a processor." in text
    assert "Of 3 figures of 1 cases 2 agree, 0 are undecided and 0 disagree." in text


def test_a_page_is_read() -> None:
    assert read(page({"dns_rare": made_up()})) == {"dns_rare": made_up()._replace(seconds=12.0)}


def test_a_page_that_is_read_makes_the_same_page() -> None:
    """Its minutes, too: three times 29.6 s are 1.5 minutes, and 2 of what is shown."""
    names = ("dns_rare", "dns_busy", "dns_coalesce")
    text = page({name: made_up()._replace(seconds=29.6) for name in names})
    assert "takes 2 minutes" in text
    assert page(read(text)) == text


def test_a_section_without_a_date() -> None:
    text = page({"dns_rare": made_up()}).replace(MADE, "lately; 3")
    with pytest.raises(ValueError, match="no date: dns_rare"):
        read(text.replace("12 s of a processor", "12 s"))
