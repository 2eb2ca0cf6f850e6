"""Expectations such as ``p95(delay) < 90s``: read, and held against replications.

::

    expectation = expression sign quantity
    sign        = "<" | "<=" | ">" | ">="
    quantity    = 90s, 0.1%, 20/s or 20000, as the unit of the expression has it

Over replications the 95 % interval decides: an expectation is met if all of the interval meets
it, missed if none of it does, and else not decided at this precision.  So what is called met is
wrong in one case of forty (half of the rest lies on either side).  A single run has no interval:
it is held against its own value, and says nothing of other runs.

References
----------
A. M. Law, "Simulation Modeling and Analysis", 5th edition (2015), section 10.2 (comparison by
confidence interval).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from mailsim.errors import ExpressionError
from mailsim.units import parse_duration, parse_rate, parse_share

from .expressions import Expression, read_measure, size_name
from .intervals import LEVEL, Interval, share_interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Expectation", "Judgement", "Verdict", "judged", "parse_expectation"]

_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_NUMBER = re.compile(r"\d+(\.\d+)?")


class Verdict(StrEnum):
    """What is to be said of an expectation."""

    MET = "met"
    MISSED = "missed"
    UNDECIDED = "not decided at this precision"


class Judgement(NamedTuple):
    """An expectation held against replications.

    Attributes
    ----------
    verdict : Verdict
    interval : Interval
        Of the mean over replications; of a single one its value alone.
    """

    verdict: Verdict
    interval: Interval


class Expectation(NamedTuple):
    """What a run is expected to do.

    Attributes
    ----------
    expression : Expression
    sign : str
    bound : float
        In the unit of the expression.
    quantity : str
        The bound as it was written.
    """

    expression: Expression
    sign: str
    bound: float
    quantity: str

    def __str__(self) -> str:
        """Return it as one would write it."""
        return f"{self.expression} {self.sign} {self.quantity}"

    def is_met_by(self, value: float) -> bool:
        """Tell whether one value meets it."""
        return _SIGNS[self.sign](value, self.bound)

    def judge(
        self, values: Sequence[float], level: float = LEVEL, sizes: Sequence[float] = ()
    ) -> Judgement:
        """Hold it against what replications have measured.

        Parameters
        ----------
        values : sequence of float
            One per replication.  NaN, a replication with nothing to measure, is left out; if
            that is all of them the expectation is missed, for it was about something.
            Infinity, a replication that did not finish, makes the mean infinite.
        level : float
            Of the interval.
        sizes : sequence of float
            Of a rate: of how many each value is the share.  No event in few is no proof.
        """
        found = share_interval(values, sizes, level)
        if not found.n:
            return Judgement(Verdict.MISSED, found)
        if math.isinf(found.value) or len(values) == 1:
            found = found._replace(low=found.value, high=found.value)
        ends = {self.is_met_by(found.low), self.is_met_by(found.high)}
        if len(ends) == 2:
            return Judgement(Verdict.UNDECIDED, found)
        return Judgement(Verdict.MET if ends.pop() else Verdict.MISSED, found)


def parse_expectation(text: str) -> Expectation:
    """Return the expectation that a text is.

    Raises
    ------
    ExpressionError
        If it is none; it shows the place, and lists the measures where one was expected.

    Examples
    --------
    >>> parse_expectation("p95(delay) < 1.5 min").bound
    90.0
    """
    expression, at = read_measure(text)
    at = _skip_blanks(text, at)
    sign = next((sign for sign in _SIGNS if text.startswith(sign, at)), None)
    if sign is None:
        got = text[at:].strip() or "the end"
        known = ", ".join(sorted(_SIGNS))
        raise ExpressionError(f"expected one of {known}, got {got!r}", text, at)
    at = _skip_blanks(text, at + len(sign))
    quantity = text[at:].strip()
    try:
        bound = _quantity(quantity, expression)
    except ValueError as error:
        raise ExpressionError(f"{expression}: {error}", text, at) from error
    return Expectation(expression, sign, bound, quantity)


def _skip_blanks(text: str, at: int) -> int:
    return at + len(text[at:]) - len(text[at:].lstrip())


def _quantity(text: str, expression: Expression) -> float:
    match expression.unit:
        case "s":
            return parse_duration(text) / 1e9
        case "":
            return parse_share(text)
        case unit if unit.endswith("/s"):
            return parse_rate(text)
        case unit if _NUMBER.fullmatch(text) is None:
            raise ValueError(f"expected a number of {unit}, without a unit, got {text!r}")
    return float(text)


COLUMNS = [
    "point", "expectation", "verdict", "mean", "low", "high", "half_width", "replications", "unit",
    "bound",
]  # fmt: skip


def judged(
    texts: Iterable[str], values_of: Iterable[tuple[int, Callable[[str], Sequence[float]]]]
) -> pd.DataFrame:
    """Return how some expectations fare.

    Parameters
    ----------
    texts : iterable of str
        The expectations.
    values_of : iterable of (int, callable)
        For each point, what gives the values of a figure by its name, one per replication: of
        an expression, and where there are several of how many a rate is the share (none if
        that is not known).

    Returns
    -------
    pandas.DataFrame
        A row per point and expectation: columns point, expectation, verdict, mean, low, high,
        half_width, replications (in which there was something to measure), unit, bound.
    """
    import pandas as pd

    expectations = [parse_expectation(text) for text in texts]
    rows = []
    for point, values in values_of:
        for one in expectations:
            measured = values(name := str(one.expression))
            is_rate = one.expression.function == "rate" and len(measured) > 1
            sizes = values(size_name(name)) if is_rate else ()
            verdict, found = one.judge(measured, sizes=sizes)
            unit, half = one.expression.unit, found.high - found.low if found.n else math.nan
            half = 0.0 if math.isnan(half) and found.n else half / 2  # of what never ends
            rows.append(
                (point, str(one), str(verdict), *found[:3], half, found.n, unit, one.bound),
            )
    return pd.DataFrame(rows, columns=COLUMNS)
