"""Field types of a scenario: quantities with units, distributions, shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from mailsim.sim.distributions import LARGEST_SIZE
from mailsim.units import (
    BANDWIDTHS,
    DURATIONS,
    PERIODS_S,
    SHARES,
    SIZES,
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
    positive_duration,
    positive_rate,
)

__all__ = [
    "AUTO",
    "Backlog",
    "Bandwidth",
    "Distribution",
    "Duration",
    "DurationDistribution",
    "Loss",
    "PositiveDuration",
    "Rate",
    "RateOr0",
    "Recipients",
    "Share",
    "Size",
    "SizeDistribution",
    "WarmUp",
]

_LARGEST_CV = 1000
_SHAPES = (0.1, 100)
_NUMBER = r"\+?[0-9]+(\.[0-9]+)?"
_ABOVE_0 = r"(?=[+0.]*[1-9])" + _NUMBER
_BELOW_100 = r"\+?0*[0-9]{1,2}(\.[0-9]+)?"
_TO_100 = r"\+?0*(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)"


def _pattern(number: str, units: Iterable[str]) -> str:
    """Return what the parsers of :mod:`mailsim.units` read, as a pattern of ECMA 262."""
    names = "|".join(unit.replace("/", r"\s*/\s*") for unit in units)
    return rf"\s*{number}\s*({names})\s*"


_PATTERNS = {
    "duration": _pattern(_NUMBER, DURATIONS),
    "positive duration": _pattern(_ABOVE_0, DURATIONS),
    "size": _pattern(_NUMBER, SIZES),
    "bandwidth": rf"{_pattern(_ABOVE_0, BANDWIDTHS)}|unlimited",
    "rate": _pattern(_ABOVE_0, PERIODS_S),
    "rate or 0": _pattern(_NUMBER, PERIODS_S),
    "share": _pattern(_TO_100, SHARES),
    "loss": _pattern(_BELOW_100, SHARES),
}


def quantity_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a quantity: ``duration``, ``rate``, ``share`` and so on."""
    return {"type": "string", "pattern": f"^({_PATTERNS[kind]})$"}


def _message_size(value: object) -> int:
    size = parse_size(value)
    if size > LARGEST_SIZE:
        raise ValueError(f"expected a message of at most 1 PB, got {value!r}")
    return size


def _loss(value: object) -> float:
    share = parse_share(value)
    if share >= 1:
        raise ValueError(f"expected a share below 100%, got {value!r}: nothing would ever arrive")
    return share


def _quantity(parse: Callable[[object], Any], show: Callable[[Any], str], kind: str) -> Any:
    return (BeforeValidator(parse), PlainSerializer(show), WithJsonSchema(quantity_schema(kind)))


Duration = Annotated[int, *_quantity(parse_duration, exact_duration, "duration")]
PositiveDuration = Annotated[
    int, *_quantity(positive_duration, exact_duration, "positive duration")
]
Size = Annotated[int, *_quantity(parse_size, exact_size, "size")]
Bandwidth = Annotated[int, *_quantity(parse_bandwidth, exact_bandwidth, "bandwidth")]
Rate = Annotated[float, *_quantity(positive_rate, exact_rate, "rate")]
RateOr0 = Annotated[float, *_quantity(parse_rate, exact_rate, "rate or 0")]
Share = Annotated[float, *_quantity(parse_share, exact_share, "share")]
Loss = Annotated[float, *_quantity(_loss, exact_share, "loss")]


@dataclass(frozen=True, slots=True)
class Distribution:
    """A random quantity as the scenario describes it.

    Attributes
    ----------
    kind : str
        ``constant``, ``exponential``, ``uniform``, ``lognormal``, ``weibull``, ``cdf`` or
        ``mixture``.
    params : dict of str to float
        In base units: nanoseconds or octets.
    cdf : tuple of (int, float)
        Bounds and shares, for ``cdf``.
    written : object
        As the scenario has it.
    parts : tuple of (float, Distribution)
        Shares and what they are of, for ``mixture``.
    """

    kind: str
    params: dict[str, float]
    cdf: tuple[tuple[int, float], ...]
    written: Any
    parts: tuple[tuple[float, Distribution], ...] = ()


_PARAMS = {
    "constant": (),
    "exponential": ("mean",),
    "uniform": ("low", "high"),
    "lognormal": ("mean", "cv"),
    "weibull": ("mean", "shape"),
    "cdf": (),
    "mixture": (),
}


def _distribution(parse: Callable[[object], int]) -> Callable[[object], Distribution]:
    def read(value: object) -> Distribution:
        if isinstance(value, Distribution):
            return value
        if not isinstance(value, dict):
            return Distribution("constant", {"value": parse(value)}, (), value)
        if len(value) != 1 or next(iter(value)) not in _PARAMS:
            raise ValueError(f"expected one of {', '.join(_PARAMS)}, got {value!r}")
        kind, inner = next(iter(value.items()))
        if kind == "constant":
            return Distribution(kind, {"value": parse(inner)}, (), value)
        if kind == "mixture":
            return Distribution(kind, {}, (), value, _parts(inner, read))
        if not isinstance(inner, dict):
            raise ValueError(f"{kind}: expected a mapping, got {inner!r}")
        if kind == "cdf":
            return Distribution(kind, {}, _cdf(inner, parse), value)
        names = _PARAMS[kind]
        if set(inner) != set(names):
            raise ValueError(
                f"{kind}: expected {' and '.join(names)}, got {', '.join(map(str, inner))}"
            )
        params = {name: _param(name, inner[name], parse) for name in names}
        if kind == "uniform" and params["low"] > params["high"]:
            raise ValueError(f"uniform: low {inner['low']!r} is above high {inner['high']!r}")
        return Distribution(kind, params, (), value)

    return read


def _parts(
    given: Any, read: Callable[[object], Distribution]
) -> tuple[tuple[float, Distribution], ...]:
    """Return the parts of a mixture; a part may be a mixture, too."""
    form = "[{share: 90%, of: ...}, {share: 10%, of: ...}]"
    is_list = isinstance(given, list) and len(given) > 1
    if not is_list or not all(isinstance(one, dict) and set(one) == _PART for one in given):
        raise ValueError(f"mixture: expected {form}, got {given!r}")
    parts = tuple((parse_share(one["share"]), read(one["of"])) for one in given)
    total = sum(share for share, _ in parts)
    if abs(total - 1) > 0.005:
        raise ValueError(f"mixture: expected shares that sum to 100%, got {total:.2%}")
    return parts


_PART = {"share", "of"}


def _param(name: str, value: object, parse: Callable[[object], int]) -> float:
    if name == "cv":
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (is_number and 0 <= value <= _LARGEST_CV):  # type: ignore[operator]
            raise ValueError(f"cv: expected a number from 0 to {_LARGEST_CV}, got {value!r}")
        assert isinstance(value, (int, float))
        return float(value)
    if name == "shape":
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (is_number and _SHAPES[0] <= value <= _SHAPES[1]):  # type: ignore[operator]
            raise ValueError(
                f"shape: expected a number from {_SHAPES[0]} to {_SHAPES[1]}, got {value!r}"
            )
        assert isinstance(value, (int, float))
        return float(value)
    quantity = parse(value)
    if name == "mean" and quantity == 0:
        raise ValueError(f"mean: expected more than 0, got {value!r}")
    return float(quantity)


def _cdf(points: dict[Any, Any], parse: Callable[[object], int]) -> tuple[tuple[int, float], ...]:
    cdf = [(parse(bound), parse_share(share)) for bound, share in points.items()]
    bounds, shares = [b for b, _ in cdf], [s for _, s in cdf]
    if not cdf or sorted(set(bounds)) != bounds or sorted(shares) != shares or bounds[0] <= 0:
        raise ValueError("cdf: expected bounds and shares that rise from line to line")
    if shares[-1] != 1.0:
        raise ValueError(f"cdf: expected 100% at the last bound, got {shares[-1]:.4%}")
    return tuple(cdf)


def _distribution_type(parse: Callable[[object], int], kind: str) -> Any:
    quantity = quantity_schema(kind)
    number = {"type": "number", "minimum": 0, "maximum": _LARGEST_CV}

    def one(name: str, inner: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {name: inner},
            "required": [name],
            "additionalProperties": False,
        }

    def params(**properties: Any) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    mean = quantity | {"description": "Its mean."}
    low, high = quantity | {"description": "Its least."}, quantity | {"description": "Its most."}
    cv = number | {"description": "Standard deviation over mean."}
    shape = {"type": "number", "minimum": _SHAPES[0], "maximum": _SHAPES[1]}
    shape["description"] = "1 is exponential; below, short and long ones are more frequent."
    cdf = {"type": "object", "additionalProperties": quantity_schema("share"), "minProperties": 1}
    single = [
        quantity,
        one("constant", quantity),
        one("exponential", params(mean=mean)),
        one("uniform", params(low=low, high=high)),
        one("lognormal", params(mean=mean, cv=cv)),
        one("weibull", params(mean=mean, shape=shape)),
        one("cdf", cdf | {"description": "Bounds, and the share up to each."}),
    ]
    # A part may be a mixture again; what it is made of then is not looked at by an editor.
    nested = one("mixture", {"type": "array", "minItems": 2})
    part = params(share=quantity_schema("share"), of={"anyOf": [*single, nested]})
    mixture: dict[str, Any] = {"type": "array", "items": part, "minItems": 2}
    mixture["description"] = "What it is one of, each with its share of all."
    schema = {"anyOf": [*single, one("mixture", mixture)]}
    return (
        BeforeValidator(_distribution(parse)),
        PlainSerializer(lambda value: value.written),
        WithJsonSchema(schema),
    )


DurationDistribution = Annotated[Any, *_distribution_type(parse_duration, "duration")]
SizeDistribution = Annotated[Any, *_distribution_type(_message_size, "size")]


def _recipients(value: object) -> dict[str, float]:
    if isinstance(value, str):
        return {value: 1.0}
    if not isinstance(value, dict) or not value:
        raise ValueError(f"expected a domain, an address or domains with shares, got {value!r}")
    shares = {str(domain): parse_share(share) for domain, share in value.items()}
    total = sum(shares.values())
    if abs(total - 1) > 0.005:
        raise ValueError(f"expected shares that sum to 100%, got {total:.2%}")
    return shares


def _show_recipients(value: dict[str, float]) -> Any:
    if list(value.values()) == [1.0]:
        return next(iter(value))
    return {domain: exact_share(share) for domain, share in value.items()}


Recipients = Annotated[
    dict[str, float],
    BeforeValidator(_recipients),
    PlainSerializer(_show_recipients),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": quantity_schema("share")},
            ]
        }
    ),
]


def _warmup(value: object) -> int:
    return AUTO if value == "auto" else parse_duration(value)


AUTO = -1
"""A warm-up whose end is found in the run."""

WarmUp = Annotated[
    int,
    BeforeValidator(_warmup),
    PlainSerializer(lambda value: "auto" if value == AUTO else exact_duration(value)),
    WithJsonSchema({"anyOf": [quantity_schema("duration"), {"const": "auto"}]}),
]


def _backlog(value: object) -> int:
    if value == "unlimited":
        return -1
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"expected a whole number of 0 or more, or unlimited, got {value!r}")
    return value


Backlog = Annotated[
    int,
    BeforeValidator(_backlog),
    PlainSerializer(lambda value: "unlimited" if value < 0 else value),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "unlimited"}]}),
]
