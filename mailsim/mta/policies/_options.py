"""Options of policies: mappings with known keys, each value read by a parser of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["count_of", "flag_of", "hosts_of", "one_of", "options_of"]


def options_of(
    name: str, options: object, known: Mapping[str, Callable[[Any], Any]], example: str
) -> dict[str, Any]:
    """Return the options of a policy that are given.

    Parameters
    ----------
    name : str
        Of the policy.
    options : object
        As the scenario gives them.
    known : mapping
        Parser by key.
    example : str
        What would be right.

    Raises
    ------
    ValueError
        If it is no mapping, a key is unknown, or a value is wrong; names the key.
    """
    if not isinstance(options, dict):
        raise ValueError(f"{name}: expected {example}, got {options!r}")
    found = {}
    for key, value in options.items():
        if key not in known:
            raise ValueError(f"{name} takes {', '.join(known)} and no {key!r}")
        try:
            found[key] = known[key](value)
        except ValueError as error:
            raise ValueError(f"{name}: {key}: {error}") from error
    return found


def count_of(value: object) -> int:
    """Return a whole number, at least 0.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"expected a whole number, at least 0, got {value!r}")
    return value


def flag_of(value: object) -> bool:
    """Return true or false.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {value!r}")
    return value


def hosts_of(value: object) -> list[str]:
    """Return a list of host names.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(value, list) or not all(isinstance(host, str) for host in value):
        raise ValueError(f"expected a list of host names, got {value!r}")
    return value


def one_of(*words: str) -> Callable[[object], str]:
    """Return what reads one of these words, or raises ValueError."""

    def read(value: object) -> str:
        if value not in words:
            raise ValueError(f"expected {' or '.join(words)}, got {value!r}")
        return str(value)

    return read
