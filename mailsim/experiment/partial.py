"""What is left of a scenario without its errors, so that the rest can be checked as well."""

from __future__ import annotations

import copy
from typing import Any

from pydantic import ValidationError

from mailsim.experiment.model import Scenario

__all__ = ["without_errors"]

_REQUIRED: dict[str, Any] = {
    "mailsim": 1,
    "duration": "1000w",
    "zones": {},
    "hosts": {},
    "network": {"topology": "star"},
    "traffic": {},
}
_ROUNDS = 5


def without_errors(data: Any, error: ValidationError) -> Scenario | None:
    """Return the scenario that a file would be without the values that are wrong in it.

    A wrong value is left out, so that its default stands; where there is none, the item it
    belongs to is left out too.

    Parameters
    ----------
    data : object
        Values of the file.
    error : ValidationError
        What is wrong with them.

    Returns
    -------
    Scenario or None
        None if nothing sensible is left.
    """
    data = copy.deepcopy(data)
    for _ in range(_ROUNDS):
        for one in error.errors():
            _remove(data, [part for part in one["loc"] if part != "[key]"], one["type"])
        for key, value in _REQUIRED.items():
            data.setdefault(key, value)
        try:
            return Scenario.model_validate(data)
        except ValidationError as again:
            error = again
    return None


def _remove(data: Any, path: list[Any], kind: str) -> None:
    """Take the value at a path out of the data; of a missing one, what it is missing from."""
    if kind == "missing":
        path = path[:-1]
    for part in path[:-1]:
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        ):
            data = data[part]
        else:
            return
    if isinstance(data, dict) and len(path) > 1 and path[-2] == "listen" and path[-1] in data:
        data[path[-1]] = {}  # it listens there, whatever else is wrong
    elif isinstance(data, dict) and path:
        data.pop(path[-1], None)
    elif isinstance(data, list) and path and isinstance(path[-1], int) and path[-1] < len(data):
        del data[path[-1]]
