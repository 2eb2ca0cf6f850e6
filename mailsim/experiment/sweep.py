"""The points of a sweep: each a scenario of its own, made from the values of one file.

Points are numbered from 0 in the order of the file: of a grid the last path varies fastest, and
``zip`` is one axis behind those of the grid.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError

from mailsim.errors import ConfigError, Problem
from mailsim.experiment.check import checked_values
from mailsim.experiment.model import Scenario
from mailsim.experiment.overrides import Loc, has_wildcard, known_places, put
from mailsim.experiment.sweep_model import Sweep
from mailsim.experiment.where import holds

__all__ = [
    "Point",
    "chosen_sweep",
    "points_of",
    "problems_of",
    "scenario_at",
    "sweep_text",
    "told_at_source",
]

_FIXED = {
    "mailsim": "it is the version of the format",
    "seed": "repeat gives other random numbers",
    "sweep": "a sweep has no sweep in it",
    "find": "it is another kind of sweep",
    "expect": "it is about all points",
    "smoke": "it is put over the whole file",
}


class Point(NamedTuple):
    """One combination of values.

    Attributes
    ----------
    number : int
        From 0.
    values : dict of str to object
        By path, as the sweep has them.
    sources : tuple of tuple
        Where in the scenario file each value stands.
    """

    number: int
    values: dict[str, Any]
    sources: tuple[Loc, ...] = ()

    @property
    def label(self) -> str:
        """The values, each with the end of its path: ``connections=5, tls=may``."""
        return ", ".join(f"{path.rpartition('.')[2]}={v}" for path, v in self.values.items())


def points_of(sweep: Sweep) -> Iterator[Point]:
    """Give the points of a sweep; one without values if it only repeats.

    Raises
    ------
    ValueError
        If a condition cannot be held against them.
    """
    numbers = itertools.count()
    for choice in itertools.product(*_axes(sweep)):
        entries = [entry for entries in choice for entry in entries]
        values = {path: value for path, value, _ in entries}
        if all(holds(condition, values) for condition in sweep.where):
            yield Point(next(numbers), values, tuple(source for _, _, source in entries))


def _axes(sweep: Sweep) -> list[list[list[tuple[str, Any, Loc]]]]:
    axes: list[list[list[tuple[str, Any, Loc]]]] = [
        [[(path, value, ("sweep", "grid", path, i))] for i, value in enumerate(values)]
        for path, values in sweep.grid.items()
    ]
    if sweep.zip:
        n = len(next(iter(sweep.zip.values())))
        axes.append(
            [
                [(path, v[i], ("sweep", "zip", path, i)) for path, v in sweep.zip.items()]
                for i in range(n)
            ]
        )
    return axes


def chosen_sweep(scenario: Scenario, words: dict[str, Any]) -> Sweep:
    """Return the scenario's sweep with what was said from Python instead of its own words.

    Raises
    ------
    ConfigError
        If a word is wrong, or there is nothing to sweep or repeat.
    """
    own = {} if scenario.sweep is None else scenario.sweep.model_dump(exclude_unset=True)
    if words.keys() & {"grid", "zip"}:
        own = {key: value for key, value in own.items() if key not in ("grid", "zip", "where")}
    try:
        sweep = Sweep.model_validate(own | words)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, ("sweep", *first["loc"])))
        raise ConfigError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error
    if words:
        for problem in problems_of(scenario, sweep):
            raise ConfigError(f"{'.'.join(map(str, problem.path))}: {problem.message}")
    return sweep


def scenario_at(scenario: Scenario, point: Point) -> Scenario:
    """Return the scenario at a point of its sweep.

    Raises
    ------
    ConfigError
        If there is anything wrong with it.
    """
    made, problems = _at(scenario, point, _places_of(scenario, point.values))
    if problems or made is None:
        raise ConfigError(f"point {point.number} ({point.label}): {problems[0].message}")
    return made


def _places_of(scenario: Scenario, paths: Any) -> dict[str, list[Loc]]:
    return {path: _places(scenario, path) for path in paths}


def _places(scenario: Scenario, path: str) -> list[Loc]:
    first = path.partition(".")[0]
    if first in _FIXED:
        raise ValueError(f"{path} cannot be swept: {_FIXED[first]}")
    if first == "network" and scenario.given_graph is not None:
        raise ValueError(f"{path} cannot be swept: the network was given from Python")
    return known_places(scenario._values, path, scenario.directory.mail_hosts)


def _at(
    scenario: Scenario, point: Point, places: dict[str, list[Loc]]
) -> tuple[Scenario | None, list[Problem]]:
    data = copy.deepcopy(scenario._values)
    for word in ("sweep", "find", "smoke"):
        data.pop(word, None)
    for path, value in point.values.items():
        for place in places[path]:
            try:
                put(data, place, copy.deepcopy(value))
            except (TypeError, KeyError):
                return None, [Problem(place, f"{path}: a key above it is no mapping")]
    made, problems = checked_values(data, scenario.path, scenario.given_graph)
    if made is not None:
        made._built = scenario._built  # the network, as long as it is the same
        made._is_smoke = scenario._is_smoke
    return made, problems


def problems_of(scenario: Scenario, sweep: Sweep) -> list[Problem]:
    """Return all that is wrong with the points of a sweep, each where its value stands."""
    problems: dict[Problem, None] = {}
    places: dict[str, list[Loc]] = {}
    for part, lists in (("grid", sweep.grid), ("zip", sweep.zip)):
        for path in lists:
            if part == "zip" and path in sweep.grid:
                problems[Problem(("sweep", part, path), f"{path} is in grid too", on_key=True)] = (
                    None
                )
            try:
                places[path] = _places(scenario, path)
            except ValueError as error:
                problems[Problem(("sweep", part, path), str(error), on_key=True)] = None
    problems.update(dict.fromkeys(_overlaps(places, sweep)))
    problems.update(dict.fromkeys(_unmeasurable(scenario, sweep)))
    if problems:
        return list(problems)
    n = 0
    try:
        for point in points_of(sweep):
            n += 1
            for problem in _at(scenario, point, places)[1]:
                problems[told_at_source(problem, point, places)] = None
    except (ValueError, ConfigError) as error:
        return [Problem(("sweep", "where"), str(error))]
    if not n:
        return [Problem(("sweep", "where"), "no point of the sweep meets these conditions")]
    return list(problems)


def _unmeasurable(scenario: Scenario, sweep: Sweep) -> Iterator[Problem]:
    """Give the measures that name what the scenario does not have."""
    if not sweep.expressions:
        return
    from mailsim.analysis import parse_measure
    from mailsim.experiment.measured import unknown_filter

    for i, text in enumerate(sweep.measures):
        if message := unknown_filter(scenario, parse_measure(text)):
            yield Problem(("sweep", "measures", i), message)
    if sweep.until is not None:
        if message := unknown_filter(scenario, parse_measure(sweep.until.of)):
            yield Problem(("sweep", "until", "of"), message)
        if sweep.until.max < sweep.repeat:
            text = f"expected at least the {sweep.repeat} of repeat, got {sweep.until.max}"
            yield Problem(("sweep", "until", "max"), text)


def _overlaps(places: dict[str, list[Loc]], sweep: Sweep) -> Iterator[Problem]:
    """Give the paths that reach where another one reaches: the later would undo the earlier."""
    for (one, mine), (other, theirs) in itertools.combinations(places.items(), 2):
        if any(a[: len(b)] == b or b[: len(a)] == a for a in mine for b in theirs):
            part = "grid" if other in sweep.grid else "zip"
            message = f"{other} and {one} are about the same value"
            yield Problem(("sweep", part, other), message, on_key=True)


def told_at_source(problem: Problem, point: Point, places: dict[str, list[Loc]]) -> Problem:
    """Return a problem of a point as one of the value that brought it about.

    Parameters
    ----------
    problem : Problem
    point : Point
        With its sources.
    places : dict of str to list of tuple
        Where each path of the point leads.
    """
    for path, source in zip(point.values, point.sources, strict=True):
        for place in places[path]:
            n = min(len(place), len(problem.path))
            if place[:n] == problem.path[:n]:
                about = f"{path}: " if has_wildcard(path) or n < len(problem.path) else ""
                if problem.on_key and place == problem.path and isinstance(source[-1], int):
                    source = source[:-1]  # the path itself is wrong, whatever its values
                return problem._replace(path=source, message=f"{about}{problem.message}", line=0)
    where = ".".join(map(str, problem.path))
    text = f"with {point.label}: {where}: {problem.message}"
    return Problem(point.sources[0][:1], text, problem.hint, on_key=True)


def sweep_text(scenario: Scenario, sweep: Sweep) -> str:
    """Return how large a sweep is, for people."""
    n = sum(1 for _ in points_of(sweep))
    until = sweep.until
    more = "" if until is None else f" to {until.max}"
    return f"sweep: {n} points, {sweep.repeat}{more} replications each"
