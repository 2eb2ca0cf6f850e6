"""Conditions of ``sweep.where``: two values of a point compared."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from mailsim.experiment.yaml_nodes import parse_value
from mailsim.units import parse_bandwidth, parse_duration, parse_rate, parse_share, parse_size

__all__ = ["holds"]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_CONDITION = re.compile(r"\s*(.+?)\s*(<=|>=|==|!=|<|>)\s*(.+?)\s*")
_QUANTITIES = (parse_duration, parse_size, parse_rate, parse_bandwidth, parse_share)


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a point meets a condition.

    Parameters
    ----------
    condition : str
        ``A OP B`` with one of ``< <= > >= == !=``.  A and B are swept paths, or the ends of
        such, or values.
    values : mapping
        The values of the point by path.

    Raises
    ------
    ValueError
        If it is no condition, names no swept path, or compares what cannot be compared.

    Examples
    --------
    >>> holds("connections <= 5", {"hosts.out.clients.connections": 4})
    True
    """
    found = _CONDITION.fullmatch(condition)
    if found is None:
        raise ValueError(f"expected 'A < B' (or <=, >, >=, ==, !=), got {condition!r}")
    left, sign, right = found.groups()
    a, is_path = _value(left, values)
    b, is_path_too = _value(right, values)
    if not (is_path or is_path_too):
        known = ", ".join(values) or "none"
        raise ValueError(f"{condition!r} names no swept path: known are {known}")
    a, b = _comparable(a, b)
    if sign not in ("==", "!=") and not (_is_number(a) and _is_number(b)):
        raise ValueError(f"{condition!r} compares {a!r} with {b!r}, which have no order")
    return _OPERATORS[sign](a, b)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _value(text: str, values: Mapping[str, Any]) -> tuple[Any, bool]:
    if text in values:
        return values[text], True
    ends = [path for path in values if path.endswith(f".{text}")]
    if len(ends) > 1:
        raise ValueError(f"{text!r} may mean {' or '.join(ends)}")
    return (values[ends[0]], True) if ends else (parse_value(text, "where"), False)


def _comparable(a: Any, b: Any) -> tuple[Any, Any]:
    """Return two quantities of one kind as numbers, anything else as it is."""
    if isinstance(a, str) and isinstance(b, str):
        for parse in _QUANTITIES:
            try:
                return parse(a), parse(b)
            except ValueError:
                continue
    return a, b
