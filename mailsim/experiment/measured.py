"""Expressions such as ``p95(delay)`` in a scenario: read, and held against what it names."""

from __future__ import annotations

from mailsim.analysis import Expression, parse_measure
from mailsim.errors import ExpressionError
from mailsim.experiment.model import Scenario
from mailsim.experiment.spelling import nearest

__all__ = ["checked_expression", "unknown_filter"]


def checked_expression(text: object) -> str:
    """Return an expression as it is written in full, for a field of a scenario.

    Raises
    ------
    ValueError
        If it is none; the text shows the place and lists what is known.
    """
    if not isinstance(text, str):
        raise ValueError(f"expected a measure such as p95(delay), got {text!r}")
    try:
        return str(parse_measure(text))
    except ExpressionError as error:
        raise ValueError(str(error)) from error


def unknown_filter(scenario: Scenario, expression: Expression) -> str:
    """Return what an expression is narrowed to that the scenario does not have, or nothing."""
    for name, known in (("host", list(scenario.hosts)), ("traffic", [*scenario.traffic, "report"])):
        value = expression.filters.get(name)
        if value is not None and value not in known:
            near = nearest(value, known)
            hint = f"; did you mean {near!r}?" if near else ""
            return f"{expression}: no {name} {value!r} in the scenario{hint}"
    return ""
