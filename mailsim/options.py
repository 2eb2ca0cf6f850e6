"""Options of what a scenario names: mappings with known keys, a parser for each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["options_of"]


def options_of(
    name: str, options: object, known: Mapping[str, Callable[[Any], Any]], example: str
) -> dict[str, Any]:
    """Return the options that are given, each read by its parser.

    Parameters
    ----------
    name : str
        Whose options they are.
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
