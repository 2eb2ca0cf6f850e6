"""The cases of ``tests/data/theory.json``: inputs, closed forms and tolerances."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["EXPERIMENTS", "case"]

EXPERIMENTS = Path(__file__).parents[2] / "experiments" / "theory"
_FILE = Path(__file__).parents[1] / "data" / "theory.json"


def case(name: str) -> dict[str, Any]:
    """Return the case of that name: id, model, inputs, expected, tol, ref and perhaps a note."""
    cases: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["cases"]
    return next(case for case in cases if case["id"] == name)
