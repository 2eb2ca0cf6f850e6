"""The numbers a receiver may have: what each means, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mailsim.units import parse_duration, parse_share, positive_duration, positive_rate

__all__ = ["NUMBERS", "READERS", "Kind", "numbers_of"]

_DAY = 86_400_000_000_000


class Kind(NamedTuple):
    """One number.

    Attributes
    ----------
    what : str
        What it is: a key of :data:`READERS`.
    is_limit : bool
        Whether ``unlimited`` takes it away.
    default : object
        Its value where neither profile nor scenario gives one; None: not limited.
    about : str
    """

    what: str
    is_limit: bool
    default: Any
    about: str

    def read(self, value: object) -> Any:
        """Return its value from what a scenario has; None for unlimited.

        Raises
        ------
        ValueError
            If it is not what it should be.
        """
        if self.is_limit and value == "unlimited":
            return None
        return READERS[self.what](value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"expected a whole number of 1 or more, got {value!r}")
    return value


def _factor(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (is_number and low <= value <= high):  # type: ignore[operator]
            raise ValueError(f"expected a number from {low:g} to {high:g}, got {value!r}")
        assert isinstance(value, (int, float))
        return float(value)

    return read


READERS: dict[str, Callable[[object], Any]] = {
    "count": _count,
    "rate": positive_rate,
    "duration": parse_duration,
    "positive duration": positive_duration,
    "share": parse_share,
    "factor from 1": _factor(1, 1000),
    "factor to 1": _factor(0, 1),
}
"""What numbers may be, and how each is read."""

NUMBERS: dict[str, Kind] = {
    "connections_per_ip": Kind(
        "count", True, None, "Connections of one address at a time; 421 at the greeting."
    ),
    "messages_per_connection": Kind(
        "count", True, None, "Messages in one session; the next MAIL gets 421."
    ),
    "ip_rate": Kind("rate", True, None, "Messages of one address in a time."),
    "ip_burst": Kind("count", False, 1, "How many of them may come at once."),
    "network_rate": Kind(
        "rate", True, None, "Messages of one network in a time: a /24, or a /64 in IPv6."
    ),
    "network_burst": Kind("count", False, 1, "How many of them may come at once."),
    "domain_rate": Kind("rate", True, None, "Messages of one sender domain in a time."),
    "domain_burst": Kind("count", False, 1, "How many of them may come at once."),
    "mailbox_rate": Kind("rate", True, None, "Messages to one mailbox in a time."),
    "mailbox_burst": Kind("count", False, 1, "How many of them may come at once."),
    "pair_rate": Kind("rate", True, None, "Messages of one sender to one mailbox in a time."),
    "pair_burst": Kind("count", False, 1, "How many of them may come at once."),
    "cool_down": Kind(
        "duration",
        False,
        0,
        "How long an address is refused once it, or its network, went too fast.",
    ),
    "first_quota": Kind("count", True, None, "Messages of a new address in a period."),
    "full_quota": Kind(
        "count", True, None, "The same of one in good standing; unlimited is no quotas."
    ),
    "quota_period": Kind("positive duration", False, _DAY, "Time in which quotas count."),
    "quota_growth": Kind(
        "factor from 1", False, 2.0, "Factor of the quota after a period of good volume."
    ),
    "quota_fall": Kind(
        "factor to 1", False, 0.5, "Factor of the quota after a period of complaints."
    ),
    "good_complaints": Kind(
        "share", False, 0.001, "Share of complaints below which a quota grows."
    ),
    "bad_complaints": Kind("share", False, 0.003, "Share of complaints from which on it falls."),
    "complaints": Kind(
        "share", False, 0.0, "Share of the messages taken that are complained about."
    ),
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
