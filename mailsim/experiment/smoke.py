"""The short run of a scenario: the values of its key ``smoke`` put over the file.

It shows in seconds that an experiment still runs, so that continuous integration can do all of
them; its figures mean nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from mailsim.errors import ConfigError, Problem
from mailsim.experiment.check import checked_values, problems_of_points
from mailsim.experiment.model import Scenario
from mailsim.experiment.network_model import GIVEN
from mailsim.experiment.overrides import Loc, apply_set, known_places, put
from mailsim.experiment.sweep import Point, told_at_source

__all__ = ["smoked"]

_FIXED = {"mailsim": "it is the version of the format", "smoke": "it is what is put there"}


def smoked(
    scenario: Scenario, data: Any, sets: Sequence[str]
) -> tuple[Scenario | None, list[Problem]]:
    """Return the short run of a scenario, and all that is wrong with it.

    Parameters
    ----------
    scenario : Scenario
        The long one, with nothing wrong.
    data : object
        The values of its file, without overrides; they are changed.
    sets : sequence of str
        Overrides ``PATH=VALUE``, which come over ``smoke``.

    Raises
    ------
    ConfigError
        If it has no ``smoke``, or an override no longer fits.
    """
    if not scenario.smoke:
        raise ConfigError(f"{scenario.path}: no key 'smoke', which says what makes a short run")
    places: dict[str, list[Loc]] = {}
    problems = []
    for path, value in scenario.smoke.items():
        try:
            places[path] = _put(data, path, value)
        except ValueError as error:
            problems.append(Problem(("smoke", path), str(error), on_key=True))
    if problems:
        return None, problems
    for text in sets:
        apply_set(data, text)
    data.pop("smoke", None)
    if scenario.given_graph is not None:
        data["network"] = dict(GIVEN)
    made, problems = checked_values(data, scenario.path, scenario.given_graph)
    if made is not None:
        made._is_smoke = True
        problems = problems or problems_of_points(made)
    point = Point(0, scenario.smoke, tuple(("smoke", path) for path in scenario.smoke))
    return made, [told_at_source(problem, point, places) for problem in problems]


def _put(data: Any, path: str, value: Any) -> list[Loc]:
    first = path.partition(".")[0]
    if first in _FIXED:
        raise ValueError(f"{path} cannot be set: {_FIXED[first]}")
    places = known_places(data, path)
    for place in places:
        put(data, place, copy.deepcopy(value))
    return places
