"""docs/validation.md: what each case came to."""

from __future__ import annotations

from collections.abc import Sequence

from theory.cases import case, figures
from theory.judge import Finding, Study

__all__ = ["page", "row"]

INTRODUCTION = """\
# Validation

What mailsim measures beside what theory says. `make theory` runs every case and writes this page;
it takes about an hour on two processors. `make test` runs the same cases in a short form.

- Each case is a scenario in `experiments/theory`, its closed form with inputs and source in
  `tests/data/theory.json`.
- The interval holds the true mean with a probability of 95 % (Student's t over replications with
  streams of their own). What control variates explain is taken out (Lavenberg and Welch 1981).
- *agrees*: within the margin of theory (3 % unless the case says otherwise) or four standard
  errors, and those are within the margin, so that a poor measurement does not pass for a good one.
- *undecided*: within four standard errors, but those are wider than the margin.
- What has no interval is exact, or one run with a stated tolerance.
"""


def row(one: Finding) -> tuple[str, str, str, str, str]:
    """Return figure, theory, measurement, interval and verdict."""
    low, high = one.measured - one.half_width, one.measured + one.half_width
    interval = f"{low:.5g} to {high:.5g}" if one.freedom else ""
    return one.figure, f"{one.expected:.5g}", f"{one.measured:.5g}", interval, one.verdict


def page(results: Sequence[tuple[Study, Sequence[Finding]]]) -> str:
    """Return the page for all that was found."""
    parts = [INTRODUCTION]
    for study, found in results:
        theory = case(study.case)
        scenario = study.scenario or study.case
        parts.append(f"\n## {study.case}\n\n{theory['model'].strip()}.")
        if theory.get("ref"):
            parts.append(f" {theory['ref']}.")
        parts.append(f"\nScenario: [{scenario}.yaml](../experiments/theory/{scenario}.yaml)\n\n")
        parts.append(
            "| figure | theory | measured | 95 % interval | verdict |\n|---|---|---|---|---|\n"
        )
        parts += [f"| {' | '.join(row(one))} |\n" for one in found]
        parts += [
            f"| {figure} | {figures(study.case)[figure]:.5g} | | | left out: {reason} |\n"
            for figure, reason in study.left_out.items()
        ]
    return "".join(parts)
