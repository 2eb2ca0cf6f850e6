"""docs/validation.md: what each case came to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from theory.cases import case, figures
from theory.catalogue import FAMILIES
from theory.judge import Finding, Plan, Study
from theory.words import told

__all__ = ["Entry", "Row", "entry", "page", "read", "row"]

INTRODUCTION = """\
# Validation

What mailsim measures beside what theory says. `make theory` runs every case and writes this page;
that takes {minutes:.0f} minutes of a processor, or half of that on two. To run some of them anew:
`make theory CASES="mm1_rho80 ps_exp"`. `make test` runs all in a short form.
[theory.md](theory.md) is the other direction: theory beside any run.

Each case is a scenario, its closed form with inputs and source in `tests/data/theory.json`.

- *theory* is the closed form, or what was published where the case says so.
- *interval* holds the true value with a probability of 95 %: Student's t over runs with streams of
  their own, less what control variates explain (Lavenberg and Welch 1981), so an interval may be
  far narrower than runs of that length have a right to. What has none is exact, or one run.
- *agrees*: off by no more than the margin, which is 3 % unless the case or its source says
  otherwise, or by no more than four standard errors, *and* these are within the margin: a poor
  measurement does not pass for a good one.
- *undecided*: within four standard errors, but these are wider than the margin.
- *disagrees*: neither.

{summary}
"""
HEAD = "| figure | theory | measured | off | 95 % interval | verdict |\n|---|---|---|---|---|---|\n"


class Row(NamedTuple):
    """A line of a table, as it is printed.

    Attributes
    ----------
    figure, theory, measured, off, interval, verdict : str
    """

    figure: str
    theory: str
    measured: str
    off: str
    interval: str
    verdict: str


class Entry(NamedTuple):
    """What a case came to.

    Attributes
    ----------
    made : str
        By which version, and when.
    seconds : float
        Of a processor.
    rows : tuple of Row
    """

    made: str
    seconds: float
    rows: tuple[Row, ...]


def row(one: Finding) -> Row:
    """Return what is printed of a figure."""
    low, high = one.measured - one.half_width, one.measured + one.half_width
    interval = f"{low:.5g} to {high:.5g}" if one.freedom and one.error else ""
    share = one.measured / one.expected - 1 if one.expected else 0.0
    off = f"{100 * share:+.1f} %" if abs(share) >= 0.0005 else ""
    name = told(one.case, one.figure)
    return Row(name, f"{one.expected:.5g}", f"{one.measured:.5g}", off, interval, one.verdict)


def entry(study: Study, found: list[Finding], made: str, seconds: float) -> Entry:
    """Return what is printed of a case."""
    rows = [row(one) for one in found]
    for figure, reason in study.left_out.items():
        theory = f"{figures(study.case)[figure]:.5g}"
        rows.append(Row(told(study.case, figure), theory, "", "", "", f"left out: {reason}"))
    return Entry(made, seconds, tuple(rows))


def page(entries: Mapping[str, Entry]) -> str:
    """Return the page, of the cases that there are."""
    verdicts = [row.verdict for entry in entries.values() for row in entry.rows]
    n_agree, n_undecided, n_disagree = (
        verdicts.count(verdict) for verdict in ("agrees", "undecided", "disagrees")
    )
    summary = (
        f"Of {len(verdicts)} figures of {len(entries)} cases {n_agree} agree, {n_undecided} are "
        f"undecided and {n_disagree} disagree."
    )
    # Of the seconds as they are shown, so that the page that is read makes the same page.
    minutes = sum(round(entry.seconds) for entry in entries.values()) / 60
    parts = [INTRODUCTION.format(summary=summary, minutes=minutes)]
    for family, studies in FAMILIES.items():
        parts.append(f"\n## {family}\n")
        parts += [
            _section(study, entries[study.case]) for study in studies if study.case in entries
        ]
    return "".join(parts)


def _section(study: Study, entry: Entry) -> str:
    theory, scenario = case(study.case), study.scenario or study.case
    told = "".join(f"{_sentence(theory[key])} " for key in ("model", "ref") if theory.get(key))
    path = scenario.removeprefix("../") if scenario.startswith("../") else f"theory/{scenario}"
    note = f"\n{study.note}\n" if study.note else ""
    rows = "".join(f"| {' | '.join(row)} |\n" for row in entry.rows)
    return (
        f"\n### {study.case}\n\n{told.rstrip()}\n"
        f"[{path.rpartition('/')[2]}.yaml](../experiments/{path}.yaml), "
        f"{how(study.long)}; {entry.made}, {entry.seconds:.0f} s of a processor.\n{note}"
        f"\n{HEAD}{rows}"
    )


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def how(plan: Plan) -> str:
    """Return how long a case is measured."""
    runs = [f"{plan.replications} runs" if plan.replications > 1 else "one run"]
    runs += [f"`{override}`" for override in plan.sets]
    runs += [f"of {plan.n}"] * bool(plan.n) + [f"in {plan.batches} batches"] * (plan.batches > 1)
    return " ".join(runs)


def read(text: str) -> dict[str, Entry]:
    """Return what a page says of each case."""
    entries = {}
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        made = re.search(r"; ([^;\n]+), (\d+) s of a processor\.$", section, re.MULTILINE)
        if made is None:
            raise ValueError(f"no date: {section.splitlines()[0]}")
        lines = re.findall(r"^\| (.*) \|$", section.split("|---|\n")[1], re.MULTILINE)
        rows = tuple(Row(*line.split(" | ")) for line in lines)
        entries[section.splitlines()[0]] = Entry(made[1], float(made[2]), rows)
    return entries
