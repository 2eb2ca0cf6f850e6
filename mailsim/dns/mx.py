"""Which of a domain's mail exchangers to try, and in which order (RFC 5321 section 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

__all__ = ["interleave", "order_mx", "without_own"]

MX = tuple[int, str]
Address = TypeVar("Address")


def order_mx(records: Iterable[MX], random: Callable[[], float]) -> list[MX]:
    """Return MX records by preference, equal ones in random order.

    Parameters
    ----------
    records : iterable of (int, str)
        Preference and target.
    random : callable
        Gives a number from 0 to 1 per call; asked only where preferences are equal.
    """
    ordered = sorted(records)
    preferences = [preference for preference, _ in ordered]
    if len(set(preferences)) == len(preferences):
        return ordered
    return sorted(ordered, key=lambda record: (record[0], random()))


def interleave(first: Sequence[Address], second: Sequence[Address]) -> list[Address]:
    """Return addresses of two families in turns, so that a limit cuts off neither.

    Postfix's ``smtp_balance_inet_protocols``; each family keeps the resolver's order.
    """
    mixed = [address for pair in zip(first, second, strict=False) for address in pair]
    n = len(mixed) // 2
    return [*mixed, *first[n:], *second[n:]]


def without_own(records: list[MX], name: str) -> list[MX]:
    """Return the records a relay may use: those preferred to its own, all if it has none.

    RFC 5321 section 5.1: a relay that finds itself among the exchangers must drop itself and
    all that are preferred less or equally, else mail would go in circles.
    """
    own = [preference for preference, target in records if target == name]
    if not own:
        return records
    return [record for record in records if record[0] < min(own)]
