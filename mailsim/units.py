"""Quantities as people write them: ``20ms``, ``10 MB``, ``100 Mbit/s``, ``120/min``, ``0.1%``.

Inside mailsim a duration is a whole number of nanoseconds, a size whole octets, a bandwidth
whole bits per second, a rate a float per second and a share a float from 0 to 1.  A number
without its unit is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

__all__ = [
    "format_bandwidth",
    "format_duration",
    "format_rate",
    "format_share",
    "format_size",
    "parse_bandwidth",
    "parse_duration",
    "parse_rate",
    "parse_share",
    "parse_size",
]

_NS = {
    "ns": 1,
    "us": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "min": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86400 * 10**9,
    "w": 7 * 86400 * 10**9,
}
_BYTES = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
_BITS = {"bit/s": 1, "kbit/s": 10**3, "Mbit/s": 10**6, "Gbit/s": 10**9}
_PER_S = {"/s": 1, "/min": 60, "/h": 3600, "/d": 86400}
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(\S*)\s*")


def _parse(text: object, units: Mapping[str, int], what: str, example: str) -> tuple[Fraction, int]:
    match = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    if match is not None and match[2] in units:
        return Fraction(match[1]), units[match[2]]
    hint = ""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        hint = "; a number needs its unit"
    elif match is not None and match[2]:
        hint = f"; units are {', '.join(units)}"
    elif match is not None:
        hint = "; a number needs its unit"
    raise ValueError(f"expected {what} such as {example}, got {text!r}{hint}")


def parse_duration(text: object) -> int:
    """Return a duration in nanoseconds.

    Raises
    ------
    ValueError
        If ``text`` is not a number with a unit of time.

    Examples
    --------
    >>> parse_duration("1.5 min")
    90000000000
    """
    number, unit = _parse(text, _NS, "a duration", "20ms or 5 min")
    return round(number * unit)


def parse_size(text: object) -> int:
    """Return a size in octets: ``10 MB`` is ten million, ``10 MiB`` is 10485760."""
    number, unit = _parse(text, _BYTES, "a size", "30 kB or 10 MB")
    return round(number * unit)


def parse_bandwidth(text: object) -> int:
    """Return a bandwidth in bits per second; 0 for ``unlimited``."""
    if text == "unlimited":
        return 0
    number, unit = _parse(text, _BITS, "a bandwidth", "100 Mbit/s or unlimited")
    value = round(number * unit)
    if value <= 0:
        raise ValueError(f"expected a bandwidth above 0, got {text!r}")
    return value


def parse_rate(text: object) -> float:
    """Return a rate per second: ``120/min`` is 2.0."""
    number, unit = _parse(text, _PER_S, "a rate", "120/min or 20/s")
    return float(number / unit)


def parse_share(text: object) -> float:
    """Return a share from 0 to 1: ``0.1%`` is 0.001.

    Raises
    ------
    ValueError
        Also if it lies outside 0 % to 100 %.
    """
    number, _ = _parse(text, {"%": 1}, "a share", "2% or 0.1%")
    if not 0 <= number <= 100:
        raise ValueError(f"expected a share from 0% to 100%, got {text!r}")
    return float(number / 100)


def _format(value: float, units: Mapping[str, int], smallest: str, space: str = " ") -> str:
    """Write a value in the largest unit in which it is a short number."""
    for name in sorted(units, key=lambda unit: -units[unit]):
        amount = Fraction(value) / units[name]
        if value and amount >= 1 and round(amount, 3) == amount:
            return f"{float(amount):.12g}{space}{name}"
    return f"{value:.12g}{space}{smallest}"


def format_duration(ns: int) -> str:
    """Return a duration as :func:`parse_duration` takes it, exact.

    Examples
    --------
    >>> format_duration(300_000_000_000)
    '5min'
    """
    return _format(ns, _NS, "ns", "") if ns else "0s"


def format_size(size_bytes: int) -> str:
    """Return a size as :func:`parse_size` takes it, exact."""
    return _format(size_bytes, {k: v for k, v in _BYTES.items() if "i" not in k}, "B")


def format_bandwidth(bit_s: int) -> str:
    """Return a bandwidth as :func:`parse_bandwidth` takes it; ``unlimited`` for 0."""
    return _format(bit_s, _BITS, "bit/s") if bit_s else "unlimited"


def format_rate(per_s: float) -> str:
    """Return a rate for people."""
    return f"{per_s:g}/s"


def format_share(share: float) -> str:
    """Return a share in percent."""
    return f"{share * 100:g}%"
