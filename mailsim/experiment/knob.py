"""A knob: a value of a scenario between two ends, whole or divided into equal steps."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Any

from mailsim.units import (
    exact_bandwidth,
    exact_duration,
    exact_rate,
    exact_share,
    exact_size,
    parse_bandwidth,
    parse_duration,
    parse_rate,
    parse_share,
    parse_size,
)

__all__ = ["Knob"]

_KINDS: tuple[tuple[Callable[[object], float], Callable[[Any], str], bool], ...] = (
    (parse_duration, exact_duration, True),
    (parse_size, exact_size, True),
    (parse_bandwidth, exact_bandwidth, True),
    (parse_rate, exact_rate, False),
    (parse_share, exact_share, False),
)
"""What reads a quantity, what writes it, and whether it is a whole number of its base unit."""


class Knob:
    """The values that a search may choose from.

    Parameters
    ----------
    low, high : object
        Two whole numbers, of which each between them is a position; or two numbers or two
        quantities of one kind, the distance of which is divided into equal steps.
    step : float
        The step, as a share of that distance.

    Attributes
    ----------
    n : int
        The last position; the first is 0.

    Raises
    ------
    ValueError
        If these are no two ends in this order.
    """

    def __init__(self, low: object, high: object, step: float) -> None:
        self._write: Callable[[Any], Any] = float
        self._is_whole = False
        self.n = ceil(1 / step - 1e-9)
        if isinstance(low, bool) or isinstance(high, bool):
            raise ValueError(f"expected two numbers or quantities, got {_shown(low, high)}")
        if isinstance(low, int) and isinstance(high, int):
            ends, self._write, self._is_whole = (float(low), float(high)), int, True
            self.n = high - low
        elif isinstance(low, (int, float)) and isinstance(high, (int, float)):
            ends = (float(low), float(high))
        else:
            ends = self._quantities(low, high)
        if not ends[0] < ends[1]:
            raise ValueError(f"expected the lower end first, got {_shown(low, high)}")
        self._low, self._high = Fraction(ends[0]), Fraction(ends[1])
        if self._is_whole:  # no more steps than there are values
            self.n = min(self.n, int(self._high - self._low))

    def _quantities(self, low: object, high: object) -> tuple[float, float]:
        for read, write, is_whole in _KINDS:
            try:
                ends = float(read(low)), float(read(high))
            except ValueError:
                continue
            self._write, self._is_whole = write, is_whole
            return ends
        raise ValueError(
            f"expected two numbers or two quantities of one kind, such as 10ms and 2s, "
            f"got {_shown(low, high)}"
        )

    def at(self, position: int) -> Any:
        """Return the value at a position, as a scenario file would have it."""
        value = self._low + (self._high - self._low) * position / self.n
        return self._write(round(value) if self._is_whole else float(f"{float(value):.12g}"))


def _shown(low: object, high: object) -> str:
    return f"{low!r} and {high!r}"
