"""The numbers a receiver may have: what each means, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mailsim.units import parse_duration, parse_rate, parse_share

__all__ = ["NUMBERS", "Kind", "numbers_of"]

_DAY = 86_400_000_000_000


class Kind(NamedTuple):
    """One number.

    Attributes
    ----------
    read : callable
        Gives its value from what a scenario has.
    default : object
        Its value where neither profile nor scenario gives one; None: not limited.
    about : str
    """

    read: Callable[[object], Any]
    default: Any
    about: str


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"expected a whole number of 1 or more, got {value!r}")
    return value


def _rate(value: object) -> float:
    rate = parse_rate(value)
    if rate <= 0:
        raise ValueError(f"expected a rate above 0, got {value!r}")
    return rate


def _period(value: object) -> int:
    ns = parse_duration(value)
    if ns <= 0:
        raise ValueError(f"expected a duration above 0s, got {value!r}")
    return ns


def _factor(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (is_number and low <= value <= high):  # type: ignore[operator]
            raise ValueError(f"expected a number from {low:g} to {high:g}, got {value!r}")
        assert isinstance(value, (int, float))
        return float(value)

    return read


def _or_unlimited(read: Callable[[object], Any]) -> Callable[[object], Any]:
    return lambda value: None if value == "unlimited" else read(value)


NUMBERS: dict[str, Kind] = {
    "connections_per_ip": Kind(
        _or_unlimited(_count), None, "Connections of one address at a time; 421 at the greeting."
    ),
    "messages_per_connection": Kind(
        _or_unlimited(_count), None, "Messages in one session; the next MAIL gets 421."
    ),
    "ip_rate": Kind(_or_unlimited(_rate), None, "Messages of one address in a time."),
    "ip_burst": Kind(_count, 1, "How many of them may come at once."),
    "network_rate": Kind(
        _or_unlimited(_rate), None, "Messages of one network in a time: a /24, or a /64 in IPv6."
    ),
    "network_burst": Kind(_count, 1, "How many of them may come at once."),
    "domain_rate": Kind(_or_unlimited(_rate), None, "Messages of one sender domain in a time."),
    "domain_burst": Kind(_count, 1, "How many of them may come at once."),
    "mailbox_rate": Kind(_or_unlimited(_rate), None, "Messages to one mailbox in a time."),
    "mailbox_burst": Kind(_count, 1, "How many of them may come at once."),
    "pair_rate": Kind(
        _or_unlimited(_rate), None, "Messages of one sender to one mailbox in a time."
    ),
    "pair_burst": Kind(_count, 1, "How many of them may come at once."),
    "cool_down": Kind(
        parse_duration, 0, "How long an address is refused once it, or its network, went too fast."
    ),
    "first_quota": Kind(_or_unlimited(_count), None, "Messages of a new address in a period."),
    "full_quota": Kind(
        _or_unlimited(_count), None, "The same of one in good standing; unlimited is no quotas."
    ),
    "quota_period": Kind(_period, _DAY, "Time in which quotas count."),
    "quota_growth": Kind(
        _factor(1, 1000), 2.0, "Factor of the quota after a period of good volume."
    ),
    "quota_fall": Kind(_factor(0, 1), 0.5, "Factor of the quota after a period of complaints."),
    "good_complaints": Kind(parse_share, 0.001, "Share of complaints below which a quota grows."),
    "bad_complaints": Kind(parse_share, 0.003, "Share of complaints from which on it falls."),
    "complaints": Kind(parse_share, 0.0, "Share of the messages taken that are complained about."),
}


def numbers_of(given: Mapping[str, object]) -> dict[str, Any]:
    """Return the value of every number.

    Parameters
    ----------
    given : mapping of str to object
        Some of them, as a scenario has them; what is left out has its default.

    Raises
    ------
    ValueError
        If one is not what it should be, or two contradict each other.
    """
    values = {name: kind.default for name, kind in NUMBERS.items()}
    for name, written in given.items():
        try:
            values[name] = NUMBERS[name].read(written)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    full, first = values["full_quota"], values["first_quota"]
    if full is not None and first is not None and first > full:
        raise ValueError(f"expected a first_quota of at most full_quota, {full}, got {first}")
    if values["good_complaints"] > values["bad_complaints"]:
        raise ValueError("expected good_complaints of at most bad_complaints")
    return values
