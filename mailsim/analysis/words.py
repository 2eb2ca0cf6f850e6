"""Numbers as people say them: three significant figures and the unit they would choose."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["duration_text", "interval_text", "number_text"]

_UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def number_text(value: float) -> str:
    """Return ``value`` with thousands separated and at least three significant figures.

    Examples
    --------
    >>> number_text(19873), number_text(12.3456), number_text(0.012345), number_text(3.0)
    ('19,873', '12.3', '0.0123', '3')
    """
    if not math.isfinite(value):
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def duration_text(seconds: float) -> str:
    """Return a duration in the unit, or the two units, in which one would say it.

    Examples
    --------
    >>> duration_text(0.0123), duration_text(41.26), duration_text(125), duration_text(93780)
    ('12.3 ms', '41.3 s', '2 min 5 s', '1 d 2 h')
    """
    if not math.isfinite(seconds):
        return "-"
    for unit_s, unit, part_s, part in _UNITS:
        # Round first: 119.7 s is two minutes, not "1 min 60 s".
        parts = round(seconds / part_s)
        if parts * part_s >= unit_s:
            whole, rest = divmod(parts, unit_s // part_s)
            return f"{whole} {unit} {rest} {part}" if rest else f"{whole} {unit}"
    for scale, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return "0 s" if seconds == 0 else f"{seconds / 1e-9:.3g} ns"


def interval_text(
    mean: float,
    low: float,
    high: float,
    say: str | Callable[[float], str] = "",
) -> str:
    """Return an estimate with its half-width, or its bounds if it is not in the middle of them.

    Parameters
    ----------
    mean, low, high : float
        Nothing is said of bounds that are infinite, or as close as rounding.
    say : str or callable
        The unit, or what says a figure.

    Examples
    --------
    >>> interval_text(41.26, 40.76, 41.76, "s"), interval_text(8.0, 8.0, 8.0, "recipients")
    ('41.3 s ± 500 ms', '8')
    >>> interval_text(0.0, 0.0, 0.0074)
    '0 (0 to 0.0074)'
    """
    if isinstance(say, str):
        say = duration_text if say == "s" else number_text
    width = high - low
    if not math.isfinite(width) or width <= 2e-9 * abs(mean):
        return say(mean)
    if abs(mean - (low + high) / 2) > 1e-6 * width:
        return f"{say(mean)} ({say(low)} to {say(high)})"
    return f"{say(mean)} ± {say(width / 2)}"
