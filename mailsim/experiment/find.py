"""A search of a scenario: held against what the scenario has, and as words from Python."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from mailsim.analysis import parse_expectation
from mailsim.errors import ConfigError, Problem
from mailsim.experiment.find_model import Find
from mailsim.experiment.measured import unknown_filter
from mailsim.experiment.model import Scenario
from mailsim.experiment.sweep import problems_of
from mailsim.experiment.sweep_model import Sweep

__all__ = ["as_sweep", "chosen_find", "problems_of_find"]


def as_sweep(find: Find) -> Sweep:
    """Return the sweep over the two ends of a search, with its measure."""
    knob = find.knob
    return Sweep(
        grid={find.path: [knob.at(0), knob.at(knob.n)]},
        repeat=find.repeat,
        measures=[str(parse_expectation(find.such_that).expression)],
        random_numbers=find.random_numbers,
    )


def problems_of_find(scenario: Scenario, find: Find) -> list[Problem]:
    """Return all that is wrong with a search: its path, its ends, what it measures."""
    if scenario.sweep is not None:
        text = "expected a sweep or a search, got both"
        return [Problem(("find",), text, on_key=True)]
    expectation = parse_expectation(find.such_that)
    if message := unknown_filter(scenario, expectation.expression):
        return [Problem(("find", "such_that"), message)]
    which = "largest" if find.smallest is None else "smallest"
    found = [
        problem._replace(path=("find", *_place(problem.path, which)), on_key=False)
        for problem in problems_of(scenario, as_sweep(find))
    ]
    said = [problem.message for problem in found]
    both = [
        problem._replace(path=("find", which)) if said.count(problem.message) > 1 else problem
        for problem in found
    ]
    return list(dict.fromkeys(both))  # what is wrong at both ends is the path


def _place(path: tuple[str | int, ...], which: str) -> tuple[str | int, ...]:
    """Return where in ``find`` that stands which was found in its sweep: an end, or the path."""
    return ("between", path[3]) if len(path) > 3 else (which,)


def chosen_find(scenario: Scenario, words: dict[str, Any]) -> Find:
    """Return the scenario's search with what was said from Python instead of its own words.

    Raises
    ------
    ConfigError
        If a word is wrong, or there is nothing to look for.
    """
    own = {} if scenario.find is None else scenario.find.model_dump(exclude_unset=True)
    if words.keys() & {"smallest", "largest"}:
        own = {key: value for key, value in own.items() if key not in ("smallest", "largest")}
    try:
        find = Find.model_validate(own | words)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, ("find", *first["loc"])))
        raise ConfigError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error
    for problem in problems_of_find(scenario, find):
        raise ConfigError(f"{'.'.join(map(str, problem.path))}: {problem.message}")
    return find
