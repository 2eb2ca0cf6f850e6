"""Figures of links and nodes, as the attributes of graphs in the wild spell them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from mailsim.units import LARGEST, parse_bandwidth, parse_duration, parse_share

__all__ = ["access_bit_s", "link_figures", "position_of"]


def _number(value: object) -> float:
    try:
        if isinstance(value, bool):
            raise ValueError
        figure = float(value)  # type: ignore[arg-type]  # whatever a graph holds
    except (TypeError, ValueError, OverflowError):
        figure = math.nan
    if not (math.isfinite(figure) and 0 <= figure <= LARGEST):
        too_large = ": it is too large" if LARGEST < figure < math.inf else ""
        raise ValueError(f"expected a number of 0 or more, got {value}{too_large}")
    return figure


def _whole(value: object) -> int:
    number = _number(value)
    if number != round(number):
        raise ValueError(f"expected a whole number, got {value}")
    return value if isinstance(value, int) else round(number)


def _millions(value: object) -> int:
    """Return a figure in millions of base units as a whole number of them."""
    figure = _number(value) * 1e6
    if figure > LARGEST:
        raise ValueError(f"expected a number of 0 or more, got {value}: it is too large")
    return round(figure)


def _above_0(value: object) -> int:
    """Return a bandwidth in Mbit/s; 0 would stand for "unlimited" behind the scenes."""
    figure = _millions(value)
    if not figure:
        raise ValueError(f"expected a number above 0, got {value}")
    return figure


def _raw_speed(value: object) -> int | None:
    """Return a speed in bit/s; files with no better knowledge say 0."""
    return round(_number(value)) or None


_BITS = re.compile(r"\s*([\d.]+)\s*([kKMGT]?)(i?)bits?\s*")
_LONG_UNITS = {
    "nanosecond": "ns",
    "microsecond": "us",
    "\u03bcs": "us",  # Greek letter
    "\u00b5s": "us",  # micro sign
    "millisecond": "ms",
    "second": "s",
    "sec": "s",
    "minute": "min",
    "min": "min",
    "hour": "h",
    "hr": "h",
}
"""Shadow, docs/shadow_config_overview.md; each also with an s behind it."""
_LONG_DURATION = re.compile(rf"(\s*[\d.]+\s*)({'|'.join(_LONG_UNITS)})s?\s*")


def _duration(value: object) -> int:
    """Return a duration in the scenario's spelling or Shadow's: ``10 milliseconds``."""
    match = _LONG_DURATION.fullmatch(value) if isinstance(value, str) else None
    return parse_duration(value if match is None else match[1] + _LONG_UNITS[match[2]])


def _bandwidth(value: object) -> int:
    """Return a bandwidth in the scenario's spelling or Shadow's: ``10 Mbit``, ``80 Kibits``."""
    match = _BITS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return parse_bandwidth(value)
    number, prefix, binary = match.groups()
    if not binary:
        return parse_bandwidth(f"{number} {prefix.replace('K', 'k')}bit/s")
    figure = round(_number(number) * 1024 ** (" KMGT".index(prefix.upper() or " ")))
    return parse_bandwidth(f"{figure} bit/s")


def _loss(value: object) -> float:
    is_share = isinstance(value, str) and value.strip().endswith("%")
    try:
        fraction = parse_share(value) if is_share else _number(value)
    except ValueError:
        fraction = 1.0
    if fraction >= 1:  # of which nothing would ever arrive
        raise ValueError(
            f"expected a fraction from 0 to less than 1, or a share such as 0.1%, got {value}"
        )
    return fraction


def _flag(value: object) -> bool:
    flags = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    flag = flags.get(str(value).strip().lower())
    if flag is None:
        raise ValueError(f"expected true or false, got {value}")
    return flag


_SPELLINGS: tuple[tuple[str, str, Callable[[Any], float | None]], ...] = (
    # our attribute, theirs, how to read it; of several for one figure the first wins
    ("latency_ns", "latency_ns", _whole),
    ("latency_ns", "latency_ms", _millions),
    ("latency_ns", "latency", _duration),
    ("bandwidth_bit_s", "bandwidth_bit_s", _whole),
    ("bandwidth_bit_s", "bandwidth_mbit_s", _above_0),
    ("bandwidth_bit_s", "bandwidth", _bandwidth),
    ("bandwidth_bit_s", "LinkSpeedRaw", _raw_speed),  # Topology Zoo
    ("loss", "loss", _loss),
    ("loss", "packet_loss", _loss),  # Shadow
    ("loss", "packetloss", _loss),  # Shadow 1
    ("jitter_ns", "jitter_ns", _whole),
    ("jitter_ns", "jitter_ms", _millions),
    ("jitter_ns", "jitter", _duration),
    ("is_shared", "is_shared", _flag),
    ("is_shared", "shared", _flag),
)


def link_figures(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the attributes of an edge say, in our names and units.

    Returns
    -------
    dict
        Some of ``latency_ns``, ``jitter_ns``, ``bandwidth_bit_s`` (0 for no limit), all int,
        ``loss``, a float from 0 to less than 1, and ``is_shared``, a bool.  A latency of 0 is
        one: two racks of a room.

    Raises
    ------
    ValueError
        If a figure is wrong, a negative one for instance; names the attribute.
    """
    figures: dict[str, Any] = {}
    for ours, theirs, read in _SPELLINGS:
        if ours not in figures and _is_given(attributes.get(theirs)):
            figure = _read(read, attributes, theirs)
            if figure is not None:
                figures[ours] = figure
    return figures


def access_bit_s(attributes: Mapping[str, Any]) -> int | None:
    """Return the bandwidth of links to hosts that a node states in Shadow's way, or None.

    A link is as fast in both directions here, so of ``host_bandwidth_up`` and
    ``host_bandwidth_down`` the smaller one counts.  Older files leave out ``host_``.
    """
    names = ("host_bandwidth_up", "host_bandwidth_down", "bandwidth_up", "bandwidth_down")
    given = [name for name in names if _is_given(attributes.get(name))]
    limits = [_read(_bandwidth, attributes, name) for name in given]
    return min((limit for limit in limits if limit), default=None)


_LATITUDES = ("Latitude", "latitude", "lat")
_LONGITUDES = ("Longitude", "longitude", "lon", "lng")


def position_of(attributes: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return latitude and longitude of a node in degrees, or None where one is missing.

    Raises
    ------
    ValueError
        If one is no angle.
    """
    angles = []
    for names, most in ((_LATITUDES, 90.0), (_LONGITUDES, 180.0)):
        name = next((name for name in names if _is_given(attributes.get(name))), None)
        if name is None:
            return None
        try:
            angle = float(attributes[name])
        except (TypeError, ValueError):
            angle = math.nan
        if not abs(angle) <= most:
            got = attributes[name]
            raise ValueError(f"{name}: expected degrees from -{most:g} to {most:g}, got {got}")
        angles.append(angle)
    return angles[0], angles[1]


def _is_given(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _read(read: Callable[[Any], Any], attributes: Mapping[str, Any], name: str) -> Any:
    try:
        return read(attributes[name])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
