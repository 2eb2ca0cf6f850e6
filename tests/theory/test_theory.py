"""The short form: each case is as theory says, and would not be if theory said a tenth more."""

from __future__ import annotations

import pytest
from theory.cases import CASES, EXPERIMENTS
from theory.catalogue import STUDIES
from theory.judge import Study, judge


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.case)
def test_a_case(study: Study) -> None:
    found = judge(study, study.short)
    wrong = [
        str(one)
        for one in found
        if one.verdict == "disagrees"
        or (one.verdict == "undecided" and one.figure not in study.tails)
    ]
    assert not wrong, "\n".join(wrong)

    blunt = [
        one.figure
        for one in found
        if one.freedom and one.figure not in study.tails and one.margin < 0.05 * one.expected
        if "agrees" in {one.if_theory_were(factor).verdict for factor in (0.9, 1.1)}
    ]
    assert not blunt, f"would also be taken for a tenth more or less: {', '.join(blunt)}"


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.case)
def test_it_is_a_scenario(study: Study) -> None:
    assert (EXPERIMENTS / f"{study.scenario or study.case}.yaml").exists()


def test_every_case_is_judged() -> None:
    assert sorted(study.case for study in STUDIES) == sorted(CASES)
