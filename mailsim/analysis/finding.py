"""What is said of the limit that binds: its name, the evidence, and what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["LIMITS", "Change", "Finding", "setting"]

LIMITS = (
    "worker slots",
    "connections",
    "destination concurrency",
    "delivery agents",
    "receiver's rate",
    "round trips per connection",
    "link",
    "disk",
    "back-off",
    "DNS",
    "own rate",
    "not recorded",
)
"""What may bind.  The connections of a client and the agents of a host are concurrencies, too."""


class Change(NamedTuple):
    """What to change.

    Attributes
    ----------
    text : str
        In words.
    sets : tuple of str
        As ``--set`` takes it; empty where the scenario has no key for it.
    factor : float
        How many times as much would get through, at most, by Little's law; NaN if it tells nothing.
    """

    text: str
    sets: tuple[str, ...] = ()
    factor: float = float("nan")


class Finding(NamedTuple):
    """The limit of mail that a host sends, or gets.

    Attributes
    ----------
    limit : str
        One of :data:`LIMITS`.
    host : str
        Where it is.
    parts : dict of str to float
        Seconds of all this mail by part.
    evidence : list of str
        Sentences.
    change : Change
        What would help most.
    """

    limit: str
    host: str
    parts: dict[str, float]
    evidence: list[str]
    change: Change


def setting(scenario: Mapping[str, Any], *path: str) -> Any:
    """Return a key of the scenario that ``run.json`` keeps; None where it is not there."""
    at: Any = scenario
    for key in path:
        at = at.get(key) if isinstance(at, Mapping) else None
    return at
