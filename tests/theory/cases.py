"""The cases of ``tests/data/theory.json``: inputs, closed forms and tolerances."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["CASES", "EXPERIMENTS", "case", "figures"]

EXPERIMENTS = Path(__file__).parents[2] / "experiments" / "theory"
_FILE = Path(__file__).parents[1] / "data" / "theory.json"
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads(_FILE.read_text(encoding="utf-8"))["cases"]
}


def case(name: str) -> dict[str, Any]:
    """Return the case of that name: id, model, inputs, expected, tol, ref and perhaps a note."""
    return CASES[name]


@cache
def figures(name: str) -> dict[str, float]:
    """Return what a case expects, by figure.

    A list has a figure for each item, called after the input that has as many: ``rounds`` for
    ``sizes`` of 1000 and 14600 are ``rounds 1000`` and ``rounds 14600``.
    """
    theory = case(name)
    lists = [given for given in theory["inputs"].values() if isinstance(given, list)]
    return dict(_flat(theory["expected"], lists, ""))


def _flat(expected: Any, lists: list[list[float]], name: str) -> Iterator[tuple[str, float]]:
    if isinstance(expected, dict):
        items = expected.items()
    elif isinstance(expected, list):
        labels = next((given for given in lists if len(given) == len(expected)), None)
        items = dict(zip(labels or range(len(expected)), expected, strict=True)).items()
    else:
        yield name, expected
        return
    for key, value in items:
        yield from _flat(value, lists, f"{name} {key}".strip())
