"""Values put over those of a scenario file: ``--set PATH=VALUE`` and the points of a sweep.

A path is keys joined by dots; keys may hold dots themselves, so the longest one that is there
wins.  In a list the key is the number of an item, from 0.  ``*``, ``?`` and ``[...]`` match keys
as in a shell, dots included: ``hosts.mx*.postfix.default_process_limit``.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from typing import Any

from mailsim.errors import ConfigError
from mailsim.experiment.directory import OF_A_SERVER
from mailsim.experiment.yaml_nodes import parse_value

__all__ = ["Loc", "apply_set", "expand", "has_wildcard", "known_places", "put", "split_set"]

Loc = tuple[str | int, ...]


def split_set(text: str) -> tuple[str, Any]:
    """Return path and value of a ``--set PATH=VALUE``.

    Raises
    ------
    ConfigError
        If it is none, or the value is no YAML.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"--set {text}: expected text in UTF-8, got other octets") from None
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"--set {text}: expected PATH=VALUE, such as duration=10min")
    return name, parse_value(value, f"--set {text}")


def apply_set(data: Any, text: str) -> list[Loc]:
    """Put a ``--set PATH=VALUE`` into the values of a file; return the places it changed.

    Raises
    ------
    ConfigError
        If it cannot be put anywhere.
    """
    name, value = split_set(text)
    try:
        places = expand(data, name)
        for place in places:
            put(data, place, value)
    except ValueError as error:
        raise ConfigError(f"--set {text}: {error}") from error
    return places


def put(data: Any, place: Loc, value: Any) -> None:
    """Put a value at a place; mappings on the way are made where nothing is."""
    at = data
    for key in place[:-1]:
        if isinstance(at, dict) and at.get(key) is None:
            at[key] = {}
        at = at[key]
    at[place[-1]] = value


def has_wildcard(path: str) -> bool:
    """Tell whether a path may match several keys."""
    return any(sign in path for sign in "*?[")


def expand(data: Any, path: str, servers: Iterable[str] | None = None) -> list[Loc]:
    """Return the places that a path means, at least one.

    Parameters
    ----------
    data : object
        Values of a scenario file.
    path : str
    servers : iterable of str, optional
        The hosts that speak SMTP: a wildcard over hosts matches only these where the key below
        is one of a server.  If they are not known, those that have any such key.

    Raises
    ------
    ValueError
        If it matches nothing, or is no path.
    """
    places = list(_places(data, path, (), None if servers is None else set(servers)))
    if not places:
        raise ValueError(f"{path} matches nothing in the scenario")
    return places


def known_places(data: Any, path: str, servers: Iterable[str] | None = None) -> list[Loc]:
    """Return the places of a path as :func:`expand` does, none in a host or traffic of its own.

    Raises
    ------
    ValueError
        If it matches nothing, or is no path.
    """
    places = expand(data, path, servers)
    for place in places:
        what = {"hosts": "host", "traffic": "traffic"}.get(str(place[0]))
        if what and len(place) > 1 and place[1] not in (data.get(place[0]) or {}):
            raise ValueError(f"{path} matches nothing in the scenario: no {what} {place[1]!r}")
    return places


def _places(at: Any, path: str, place: Loc, servers: set[str] | None) -> Iterable[Loc]:
    for key, rest in _first_keys(at, path, place):
        here = (*place, key)
        if not rest:
            yield here
            continue
        below = at.get(key) if isinstance(at, dict) else at[key]
        is_host = len(here) == 2 and here[0] == "hosts"
        if is_host and has_wildcard(path) and not _is_of(below, str(key), rest, servers):
            continue
        yield from _places({} if below is None else below, rest, here, servers)


def _is_of(host: Any, name: str, rest: str, servers: set[str] | None) -> bool:
    """Tell whether a host that a wildcard matches has the thing that the rest of the path names."""
    first = rest.partition(".")[0]
    if isinstance(host, dict) and first in host:
        return True
    if first not in OF_A_SERVER:
        return False
    if servers is None:
        return isinstance(host, dict) and not OF_A_SERVER.isdisjoint(host)
    return name in servers


def _first_keys(at: Any, path: str, place: Loc) -> list[tuple[str | int, str]]:
    """Return the keys that the beginning of a path may mean here, each with the rest of it."""
    here = ".".join(map(str, place))
    if isinstance(at, list):
        number, _, rest = path.partition(".")
        if number == "*":
            return [(i, rest) for i in range(len(at))]
        if not (number.isascii() and number.isdecimal() and int(number) < len(at)):
            known = f"0 to {len(at) - 1}" if at else "nothing, it is empty"
            raise ValueError(f"{here}: expected an item, {known}, got {number!r}")
        return [(int(number), rest)]
    if not isinstance(at, dict):
        raise ValueError(f"{here} has no keys")
    if path.endswith(".") or path.startswith("."):
        raise ValueError("expected keys joined by single dots")
    for key in sorted(at, key=lambda key: -len(str(key))):
        name = str(key)
        if path == name or path.startswith(f"{name}."):
            return [(key, path[len(name) + 1 :])]
    words = path.split(".")
    if not has_wildcard(path):
        first = words[0]
        is_number = first.isascii() and first.isdecimal()
        return [(int(first) if is_number else first, ".".join(words[1:]))]
    for n in range(len(words), 0, -1):
        pattern, rest = ".".join(words[:n]), ".".join(words[n:])
        found = [key for key in at if fnmatch.fnmatchcase(str(key), pattern)]
        if found and has_wildcard(pattern):
            return [(key, rest) for key in found]
    if not has_wildcard(words[0]):  # a key that is not there yet
        return [(words[0], ".".join(words[1:]))]
    return []
