"""Expressions such as ``p95(delay)`` in a scenario: read, and held against what it names."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.analysis import Expression, parse_expectation, parse_measure
from mailsim.errors import ExpressionError, Problem
from mailsim.experiment.model import Scenario
from mailsim.spelling import nearest

__all__ = [
    "NotReadError",
    "check_expectations",
    "checked_expectation",
    "checked_expression",
    "expected_measures",
    "unknown_filter",
]


class NotReadError(ValueError):
    """An expression in a scenario that cannot be read.

    Parameters
    ----------
    error : ExpressionError
        What is wrong, and at which character.
    """

    def __init__(self, error: ExpressionError) -> None:
        super().__init__(str(error))
        self.error = error


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
        raise NotReadError(error) from error


def checked_expectation(text: object) -> str:
    """Return an expectation as it is written in full, for a field of a scenario.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(text, str):
        raise ValueError(f"expected such as 'p95(delay) < 90s', got {text!r}")
    try:
        return str(parse_expectation(text))
    except ExpressionError as error:
        raise NotReadError(error) from error


def check_expectations(scenario: Scenario) -> Iterator[Problem]:
    """Give the expectations that name what the scenario does not have."""
    for i, text in enumerate(scenario.expect):
        expression = parse_expectation(text).expression
        if message := unknown_filter(scenario, expression):
            unknown = message.split("'")[1]
            yield Problem(("expect", i), message, token=(text, text.find(f"={unknown}") + 1))


def expected_measures(scenario: Scenario) -> list[str]:
    """Return the expressions that the expectations of a scenario are about."""
    return [str(parse_expectation(text).expression) for text in scenario.expect]


def unknown_filter(scenario: Scenario, expression: Expression) -> str:
    """Return what an expression is narrowed to that the scenario does not have, or nothing."""
    for name, known in (("host", list(scenario.hosts)), ("traffic", [*scenario.traffic, "report"])):
        value = expression.filters.get(name)
        if value is not None and value not in known:
            near = nearest(value, known)
            hint = f"; did you mean {near!r}?" if near else ""
            return f"{expression}: no {name} {value!r} in the scenario{hint}"
    return ""
