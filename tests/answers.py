"""What tests of docs/answers.md have in common."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import mailsim as ms
from mailsim.results import Run

__all__ = ["ANSWERS", "percent", "run", "said", "told", "tries"]

ROOT = Path(__file__).parents[1]
ANSWERS = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")


def run(name: str, *sets: str) -> Run:
    """Run an experiment, without its sweep."""
    return ms.load(ROOT / "experiments" / f"{name}.yaml", *sets).run(seed=1)


def told(*cells: object) -> None:
    """Find a row of a table of the documentation."""
    row = f"| {' | '.join(map(str, cells))} |"
    assert row in ANSWERS.splitlines(), row


def said(words: str) -> None:
    """Find words of the documentation, wherever its lines end."""
    assert words in " ".join(ANSWERS.split()), words


def percent(share: float) -> str:
    """Return a share as the documentation has it."""
    return f"{100 * share:.0f} %"


def tries(done: Run, host: str) -> pd.DataFrame:
    """Return the attempts of a host of example.org."""
    return done.attempts[done.attempts["host"] == f"{host}.example.org"]
