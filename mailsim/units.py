"""Quantities as people write them: ``20ms``, ``10 MB``, ``100 Mbit/s``, ``120/min``, ``0.1%``.

A unit is always demanded.  Inside mailsim a duration is an int of nanoseconds, a size an int
of bytes, a bandwidth an int of bit per second, a rate a float per second and a share a
fraction.  ``parse_*`` reads a text, ``exact_*`` writes the shortest text that reads back as
the same quantity, ``format_*`` writes three significant digits for people.

Units of time are those of postconf(5) (``s m h d w``) and the finer ones of SI; prefixes of
sizes are those of IEC 80000-13 (kB = 1000, KiB = 1024).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

__all__ = [
    "BANDWIDTHS",
    "DURATIONS",
    "LARGEST",
    "MILLISECOND",
    "MINUTE",
    "PERIODS_S",
    "SECOND",
    "SHARES",
    "SIZES",
    "exact_bandwidth",
    "exact_duration",
    "exact_rate",
    "exact_share",
    "exact_size",
    "format_bandwidth",
    "format_duration",
    "format_rate",
    "format_size",
    "parse_bandwidth",
    "parse_duration",
    "parse_rate",
    "parse_share",
    "parse_size",
    "positive_duration",
    "positive_rate",
]

SECOND = 1_000_000_000
"""One second in nanoseconds."""
MILLISECOND = SECOND // 1000
MINUTE = 60 * SECOND

# What is read, in ns, octets and so on; also the units that the JSON Schema of scenarios takes.
# The first name of several units of one size is the one that is written.
DURATIONS = {
    "ns": 1,
    "us": 1000,
    "ms": MILLISECOND,
    "s": SECOND,
    "min": MINUTE,
    "m": MINUTE,
    "h": 60 * MINUTE,
    "d": 24 * 60 * MINUTE,
    "w": 7 * 24 * 60 * MINUTE,
}
SIZES = {
    "B": 1,
    "kB": 1000,
    "KiB": 1 << 10,
    "MB": 1000**2,
    "MiB": 1 << 20,
    "GB": 1000**3,
    "GiB": 1 << 30,
}
BANDWIDTHS = {"bit/s": 1, "kbit/s": 1000, "Mbit/s": 1000**2, "Gbit/s": 1000**3}
PERIODS_S = {"/s": 1, "/min": 60, "/h": 3600, "/d": 86400}
SHARES = {"%": 1}

# What people write instead, in small letters and without their plural s.
_SLIPS = {
    "sec": "s",
    "second": "s",
    "msec": "ms",
    "usec": "us",
    "µs": "us",
    "minute": "min",
    "hour": "h",
    "hr": "h",
    "day": "d",
    "week": "w",
    "byte": "B",
    "bp": "bit/s",
    "kbp": "kbit/s",
    "mbp": "Mbit/s",
    "gbp": "Gbit/s",
    "/sec": "/s",
    "/second": "/s",
    "/m": "/min",
    "/minute": "/min",
    "/hour": "/h",
    "/day": "/d",
}

_COMMON = {
    "a duration": "s",
    "a size": " kB",
    "a bandwidth": " Mbit/s",
    "a rate": "/s",
    "a share": "%",
}

# Times and sizes are written to tables as 64-bit numbers: 292 years, 9 EB.
LARGEST = (1 << 63) - 1
"""The largest duration (ns) and size (octets)."""
_SMALLEST_RATE = 1e-12
"""Once in 30 000 years; the gap between two events must be a number still."""

_NUMBER_AND_UNIT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(\S.*)?")


def _right_unit(unit: str, units: Mapping[str, int]) -> str | None:
    """Return the unit that was meant by a wrong one, if that can be told."""
    small = unit.lower()
    for known in units:
        if known.lower() == small:
            return known
    slip = _SLIPS.get(small.removesuffix("s")) or _SLIPS.get(small)
    return slip if slip in units else None


def _parse(text: object, units: Mapping[str, int], what: str, example: str) -> Decimal:
    """Return number times unit, not below 0; ``what`` and ``example`` are for the error."""
    expected = f"expected {what} such as {example}, got "
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        expected += f"{text}"  # a number in YAML, so quotes would mislead
        text = str(text)
    elif isinstance(text, str):
        expected += repr(text)
    else:
        raise ValueError(expected + _name(text))
    found = _NUMBER_AND_UNIT.fullmatch(text.strip())
    if found is None:
        raise ValueError(expected)
    number, unit = found.groups()
    if unit is None:
        common = _COMMON[what]
        if what == "a size" and Decimal(number) >= 1000:  # postconf(5) counts octets
            common = " B"
        raise ValueError(f"{expected}: say the unit, for example '{number}{common}'")
    if unit not in units:
        meant = _right_unit(unit, units)
        space = "" if unit.startswith("/") else " "
        hint = f"did you mean '{number}{space}{meant}'?" if meant else f"units: {', '.join(units)}"
        raise ValueError(f"{expected}; {hint}")
    if number.startswith("-"):
        raise ValueError(f"{expected}: it must not be negative")
    value = Decimal(number) * units[unit]
    if value > LARGEST:
        raise ValueError(f"{expected}: it is too large")
    return value


def _name(value: object) -> str:
    names = {bool: str(value).lower(), dict: "a mapping", list: "a list", type(None): "nothing"}
    return names.get(type(value), type(value).__name__)


def parse_duration(text: object) -> int:
    """Return the nanoseconds of ``20ms``, ``5 min``, ``300s`` or ``5d``.

    Parameters
    ----------
    text : object
        The text; anything else is refused, a bare number with a hint.

    Raises
    ------
    ValueError
        If it is no duration; the text says what was expected and what came.
    """
    return round(_parse(text, DURATIONS, "a duration", "20ms or 5 min"))


def parse_size(text: object) -> int:
    """Return the bytes of ``10 MB`` or ``64KiB``.

    Raises
    ------
    ValueError
        If it is no size.
    """
    return round(_parse(text, SIZES, "a size", "4 kB or 10 MB"))


def parse_bandwidth(text: object) -> int:
    """Return the bit per second of ``100 Mbit/s``; 0 stands for ``unlimited``.

    Raises
    ------
    ValueError
        If it is no bandwidth, or one of 0.
    """
    if text == "unlimited":
        return 0
    figure = round(_parse(text, BANDWIDTHS, "a bandwidth", "100 Mbit/s or unlimited"))
    if figure == 0:
        raise ValueError(f"expected a bandwidth above 0, or unlimited, got {text!r}")
    return figure


def parse_rate(text: object) -> float:
    """Return the rate per second of ``120/min``.

    Raises
    ------
    ValueError
        If it is no rate.
    """
    expected = "expected a rate such as 20/s or 120/min, got "
    if not isinstance(text, str) or "/" not in text:
        _parse(text, PERIODS_S, "a rate", "20/s or 120/min")
        raise ValueError(f"{expected}{text!r}")
    number, _, period = text.partition("/")
    unit = "/" + period.strip()
    if unit not in PERIODS_S:  # raises, with the right unit where it can be told
        _parse(text, PERIODS_S, "a rate", "20/s or 120/min")
    if number.strip().startswith("-"):
        raise ValueError(f"{expected}{text!r}: it must not be negative")
    value = _parse(f"{number.strip()}/s", {"/s": 1}, "a rate", "20/s or 120/min")
    rate = float(value) / PERIODS_S[unit]
    if 0 < rate < _SMALLEST_RATE:
        raise ValueError(f"{expected}{text!r}: it is too small")
    return rate


def positive_rate(text: object) -> float:
    """Return the rate per second of ``120/min``, which must be above 0.

    Raises
    ------
    ValueError
        If it is no rate, or 0.
    """
    rate = parse_rate(text)
    if rate <= 0:
        raise ValueError(f"expected a rate above 0, got {text!r}")
    return rate


def positive_duration(text: object) -> int:
    """Return the nanoseconds of ``20ms``, which must be above 0.

    Raises
    ------
    ValueError
        If it is no duration, or 0.
    """
    ns = parse_duration(text)
    if ns <= 0:
        raise ValueError(f"expected a duration above 0s, got {text!r}")
    return ns


def parse_share(text: object) -> float:
    """Return the fraction of ``0.1%``, from 0 to 1.

    Raises
    ------
    ValueError
        If it is no percentage, or one above 100 %.
    """
    percent = _parse(text, SHARES, "a share", "0.1% or 25%")
    if percent > 100:
        raise ValueError(f"expected a share of at most 100%, got {text!r}")
    return float(percent / 100)


def _exact(value: int, units: Mapping[str, int], space: str) -> str:
    if value == 0:
        return f"0{space}{'s' if 's' in units else next(iter(units))}"
    # Largest unit first, and of equal ones the one named first ("min", not "m").
    for unit, factor in sorted(units.items(), key=lambda item: -item[1]):
        if value % factor == 0:
            return f"{value // factor}{space}{unit}"
    raise AssertionError("unreachable: every table has a unit of 1")


def exact_duration(duration_ns: int) -> str:
    """Return a duration in the largest unit that divides it: ``4000s``, ``5d``."""
    return _exact(duration_ns, DURATIONS, "")


def exact_size(size_bytes: int) -> str:
    """Return a size in the largest decimal unit that divides it: ``10240 kB``."""
    return _exact(size_bytes, {u: f for u, f in SIZES.items() if "i" not in u}, " ")


def exact_bandwidth(bandwidth_bit_s: int) -> str:
    """Return a bandwidth in the largest unit that divides it; 0 is ``unlimited``."""
    return _exact(bandwidth_bit_s, BANDWIDTHS, " ") if bandwidth_bit_s else "unlimited"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact_rate(rate_per_s: float) -> str:
    """Return a rate in the first unit that gives a whole number, or else per second."""
    for unit, period_s in PERIODS_S.items():
        number = rate_per_s * period_s
        if number == round(number) and round(number) / period_s == rate_per_s:
            return f"{round(number)}{unit}"
    return f"{_plain(Decimal(repr(rate_per_s)))}/s"


def exact_share(share: float) -> str:
    """Return a fraction in percent: ``23.53%``."""
    return f"{_plain(Decimal(repr(share)) * 100)}%"


def _three_digits(value: float) -> str:
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _format(value: float, units: Mapping[str, int]) -> str:
    unit = next(iter(units))
    for name, factor in units.items():
        # 0.9995 of a unit is written 1 of it, not 1000 of the unit below.
        if value >= 0.9995 * factor > 0.9995 * units[unit]:
            unit = name
    return f"{_three_digits(value / units[unit])} {unit}"


def format_duration(duration_ns: float) -> str:
    """Return a duration with three significant digits: ``1.53 s``, ``5 min``."""
    if duration_ns == 0:
        return "0 s"
    return _format(duration_ns, {u: f for u, f in DURATIONS.items() if u not in ("m", "w")})


def format_size(size_bytes: float) -> str:
    """Return a size with three significant digits and a decimal prefix: ``1.02 MB``."""
    return _format(size_bytes, {u: f for u, f in SIZES.items() if "i" not in u})


def format_bandwidth(bandwidth_bit_s: float) -> str:
    """Return a bandwidth with three significant digits; 0 is ``unlimited``."""
    return _format(bandwidth_bit_s, BANDWIDTHS) if bandwidth_bit_s else "unlimited"


def format_rate(rate_per_s: float) -> str:
    """Return a rate with three significant digits, in the shortest period that gives 1 or more."""
    for unit, period_s in PERIODS_S.items():
        if rate_per_s * period_s >= 0.9995:
            return f"{_three_digits(rate_per_s * period_s)}{unit}"
    return f"{_three_digits(rate_per_s * 86400)}/d"
