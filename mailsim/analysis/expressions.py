"""Reads and evaluates expressions such as ``p95(delay, traffic=people)``.

::

    expression = measure [ "(" filter { "," filter } ")" ]
               | function "(" measure { "," filter } ")"
    function   = mean min max std count sum rate median, or p and a percentage: p95, p99.9
    filter     = name "=" value
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis.measures import Measure, Sample, measures
from mailsim.errors import ExpressionError, UnknownNameError
from mailsim.spelling import nearest

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["Expression", "parse_measure", "read_measure", "size_name"]

_WORD = re.compile(r"\s*([A-Za-z_][\w.]*(?::\w+)?)")
_VALUE = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s,()]+))")
_QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
_PLAIN = ("mean", "min", "max", "std", "count", "sum", "rate")


class Expression:
    """A measure, what is said of it, and what it is narrowed to.

    Parameters
    ----------
    name : str
        Of the measure.
    function : str
        Empty where the measure is a single value.
    filters : dict of str to str
    """

    def __init__(self, name: str, function: str, filters: dict[str, str]) -> None:
        self.name = name
        self.function = function
        self.filters = filters

    @cached_property
    def _measure(self) -> Measure:
        return measures.get(self.name)()

    @property
    def unit(self) -> str:
        """Of the result: ``s``, ``messages``, ``recipients``; empty for a share."""
        if self.function == "count":
            return "recipients"
        return self._measure.unit

    def of(self, frames: Frames) -> float:
        """Return its value in a run; NaN if there is nothing to measure."""
        return self._of(self._measure.sample(frames, self.filters))

    def figures(self, frames: Frames) -> dict[str, tuple[float, str]]:
        """Return value and unit by name; of a rate also of how many it is the share."""
        sample = self._measure.sample(frames, self.filters)
        name = str(self)
        found = {name: (self._of(sample), self.unit)}
        if self.function == "rate":
            found[size_name(name)] = float(len(sample.values)), ""
        return found

    def _of(self, sample: Sample) -> float:
        if self.function == "count":
            is_yes_or_no = not self._measure.unit
            return float(sample.values.sum() if is_yes_or_no else len(sample.values))
        if not len(sample.values):
            return float("nan")
        if not self.function:
            return float(sample.values[0])
        quantile = _QUANTILE.fullmatch(self.function)
        if quantile is not None:
            return _quantile(sample, float(quantile[1]) / 100)
        return _FUNCTIONS[self.function](sample)

    def __str__(self) -> str:
        """Return it as one would write it."""
        parts = [f"{name}={value}" for name, value in self.filters.items()]
        if self.function:
            return f"{self.function}({', '.join([self.name, *parts])})"
        return f"{self.name}({', '.join(parts)})" if parts else self.name

    def __repr__(self) -> str:
        return f"<Expression {self}>"


def size_name(name: str) -> str:
    """Return the name of the figure that says of how many a rate is the share.

    Examples
    --------
    >>> size_name("rate(bounced)")
    'n of rate(bounced)'
    """
    return f"n of {name}"


def _mean(sample: Sample) -> float:
    return float(np.average(sample.values, weights=sample.weights))


def _std(sample: Sample) -> float:
    if sample.weights is None:
        return float(np.std(sample.values, ddof=1)) if len(sample.values) > 1 else float("nan")
    mean = _mean(sample)
    return float(np.sqrt(np.average((sample.values - mean) ** 2, weights=sample.weights)))


def _quantile(sample: Sample, q: float) -> float:
    if sample.weights is None:
        return float(np.quantile(sample.values, q))
    order = np.argsort(sample.values, kind="stable")
    reached = np.cumsum(sample.weights[order])
    at = int(np.searchsorted(reached, q * reached[-1]))
    return float(sample.values[order][min(at, len(order) - 1)])


_FUNCTIONS: dict[str, Callable[[Sample], float]] = {
    "mean": _mean,
    "rate": _mean,
    "std": _std,
    "min": lambda sample: float(sample.values.min()),
    "max": lambda sample: float(sample.values.max()),
    "sum": lambda sample: float(sample.values.sum()),
}


def parse_measure(text: str) -> Expression:
    """Return the expression that a whole text is.

    Raises
    ------
    ExpressionError
        If it is none; it shows the place and lists what is known.
    """
    expression, end = read_measure(text)
    if text[end:].strip():
        raise _error(f"expected the end, got {text[end:].strip()!r}", text, end)
    return expression


def read_measure(text: str, start: int = 0) -> tuple[Expression, int]:
    """Return the expression that stands in a text at ``start``, and where it ends.

    Raises
    ------
    ExpressionError
        If there is none; it shows the place and lists what is known.

    Examples
    --------
    >>> read_measure("p95(delay) < 90s")
    (<Expression p95(delay)>, 10)
    """
    word, at = _word(text, start, "a measure")
    function = "p50" if word == "median" else word
    if not (function in _PLAIN or _QUANTILE.fullmatch(function)):
        return _bare(word, text, start, at)
    at = _sign("(", text, at, f"after {word}")
    name, end = _word(text, at, "a measure")
    kind = _kind(name, text, at)
    if not kind.functions:
        raise _error(f"{name} is a single value, which needs no {word}(...)", text, start)
    needed = function if function in _PLAIN else "quantile"
    if needed not in kind.functions:
        raise _error(f"{word} cannot be said of {name}: {_forms(name, kind)} can", text, start)
    filters, end = _filters(kind, name, text, end, is_first=False)
    return Expression(name, function, filters), end


def _bare(name: str, text: str, start: int, at: int) -> tuple[Expression, int]:
    kind = _kind(name, text, start)
    if kind.functions:
        raise _error(f"{name} has many values: expected {_forms(name, kind)}", text, start)
    if text[at:].lstrip().startswith("("):
        filters, at = _filters(kind, name, text, _sign("(", text, at, ""), is_first=True)
        return Expression(name, "", filters), at
    return Expression(name, "", {}), at


def _kind(name: str, text: str, at: int) -> type[Measure]:
    try:
        return measures.get(name)
    except UnknownNameError as error:
        raise _error(str(error), text, at) from error


def _forms(name: str, kind: type[Measure]) -> str:
    shown = ["p95" if function == "quantile" else function for function in kind.functions]
    return " or ".join(f"{function}({name})" for function in shown)


def _filters(
    kind: type[Measure], name: str, text: str, at: int, *, is_first: bool
) -> tuple[dict[str, str], int]:
    """Read up to the closing parenthesis."""
    filters: dict[str, str] = {}
    while True:
        rest = text[at:].lstrip()
        if rest.startswith(")"):
            return filters, _sign(")", text, at, "")
        if not is_first:
            at = _sign(",", text, at, f"or ')' after {text[:at].split('(')[-1].strip()!r}")
        is_first = False
        key, end = _word(text, at, f"one of {', '.join(kind.filters)}")
        if key not in kind.filters:
            near = nearest(key, kind.filters)
            hint = f"; did you mean {near!r}?" if near else ""
            known = ", ".join(kind.filters) or "none"
            raise _error(f"{name} has no filter {key!r}: known are {known}{hint}", text, at)
        end = _sign("=", text, end, f"after {key}")
        found = _VALUE.match(text, end)
        if found is None:
            raise _error(f"expected a value for {key}", text, end)
        filters[key] = next(group for group in found.groups() if group is not None)
        at = found.end()


def _word(text: str, at: int, what: str) -> tuple[str, int]:
    found = _WORD.match(text, at)
    if found is None:
        known = "" if what.startswith("one of") else f": known are {', '.join(measures.names())}"
        raise _error(
            f"expected {what}, got {text[at:].strip()[:20] or 'the end'!r}{known}", text, at
        )
    return found[1], found.end()


def _sign(sign: str, text: str, at: int, where: str) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    if text[at : at + 1] != sign:
        got = text[at:].strip()[:20] or "the end"
        raise _error(f"expected {sign!r} {where}, got {got!r}", text, at)
    return at + 1


def _error(message: str, text: str, at: int) -> ExpressionError:
    while at < len(text) and text[at].isspace():
        at += 1
    return ExpressionError(message, text, at)
