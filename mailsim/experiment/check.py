"""From a scenario file to a checked scenario, or to all that is wrong with it at once."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mailsim.errors import ConfigError, Problem
from mailsim.experiment.measured import NotReadError, check_expectations
from mailsim.experiment.model import Scenario
from mailsim.experiment.network_model import GIVEN
from mailsim.experiment.overrides import Loc, apply_set
from mailsim.experiment.partial import without_errors
from mailsim.experiment.references import check_references
from mailsim.experiment.yaml_nodes import Document, read_document
from mailsim.spelling import nearest
from mailsim.units import format_duration

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["check_report", "checked_values", "load_scenario", "problems_of_points"]


def load_scenario(
    path: str | Path,
    sets: Sequence[str] = (),
    graph: nx.Graph | None = None,
    *,
    smoke: bool = False,
) -> Scenario:
    """Return the scenario of a file.

    Parameters
    ----------
    path : str or Path
    sets : sequence of str
        Overrides ``PATH=VALUE``: keys joined by dots, the value in YAML.
    graph : networkx.Graph, optional
        The network, instead of the one that the file tells of.
    smoke : bool
        The short run: the file's ``smoke`` is put over it, below the overrides.

    Raises
    ------
    ConfigError
        If anything is wrong; the text lists every problem with its position.
    """
    path = Path(path)
    given = None if graph is None else _checked(graph)
    document = read_document(str(path), _read(path))
    original = copy.deepcopy(document.data) if smoke else None
    places = {place: text for text in sets for place in apply_set(document.data, text)}
    if given is not None:
        document.data["network"] = dict(GIVEN)
    scenario, problems = checked_values(document.data, path, given, document.problems)
    if scenario is not None and not problems:
        problems = problems_of_points(scenario)
    if scenario is not None and not problems and smoke:
        from mailsim.experiment.smoke import smoked

        scenario, problems = smoked(scenario, original, sets)
    if problems:
        raise ConfigError(_text(document, problems, places), tuple(problems))
    assert scenario is not None
    return scenario


def checked_values(
    data: Any, path: Path, graph: nx.Graph | None, told: Sequence[Problem] = ()
) -> tuple[Scenario | None, list[Problem]]:
    """Return the scenario that some values are, and all that is wrong with them.

    Parameters
    ----------
    data : object
        Values of a scenario file.
    path : Path
        The file, for its name and for the files that it names.
    graph : networkx.Graph or None
        The network, if it was given from Python.
    told : sequence of Problem
        What is known to be wrong already.

    Returns
    -------
    scenario : Scenario or None
        None if there is none, for what is wrong with it.
    problems : list of Problem
        Those known before among them.
    """
    problems = list(told)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        known = {problem.path for problem in problems if not problem.on_key}
        found = [_problem(dict(one)) for one in error.errors()]
        problems += [problem for problem in found if problem.path not in known]
        rest = without_errors(data, error)
        if rest is not None:
            rest._path = path
            rest._given_graph = graph
            rest._is_partial = True  # its duration may be made up
            wrong = [problem.path for problem in problems]
            if not {("zones",), ("hosts",)} & set(wrong):  # else all would be unknown
                problems += [
                    problem
                    for problem in check_references(rest)
                    if not any(path[: len(problem.path)] == problem.path for path in wrong)
                ]
        return None, problems
    scenario._path = path
    scenario._given_graph = graph
    scenario._values = data
    return scenario, [*problems, *check_references(scenario), *check_expectations(scenario)]


def problems_of_points(scenario: Scenario) -> list[Problem]:
    """Return what is wrong with the points of a scenario's sweep, or its search."""
    from mailsim.experiment.find import problems_of_find
    from mailsim.experiment.sweep import problems_of

    if scenario.find is not None:
        return problems_of_find(scenario, scenario.find)
    return [] if scenario.sweep is None else problems_of(scenario, scenario.sweep)


def _checked(graph: nx.Graph) -> nx.Graph:
    from mailsim.sim.graphs import checked

    return checked(graph, "graph")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (octet {error.start})") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def _text(document: Document, problems: list[Problem], sets: dict[Loc, str]) -> str:
    shown = []
    for problem in problems:
        place = next((p for p in sets if _is_about(problem, p)), None)
        if place is None:
            shown.append((document.position(problem), document.show(problem)))
        else:
            hint = f"; did you mean {problem.hint!r}?" if problem.hint else ""
            text, at = problem.token
            token = f"\n      | {text}\n      | {' ' * at}^" if text else ""
            shown.append(((0, 0), f"--set {sets[place]}: {problem.message}{hint}{token}"))
    shown.sort()
    return "\n".join([text for _, text in shown])


def _is_about(problem: Problem, place: Loc) -> bool:
    """Tell whether a problem lies in what an override has put there."""
    n = min(len(place), len(problem.path))
    return place[:n] == problem.path[:n] and (n == len(place) or problem.on_key)


def _problem(error: dict[str, Any]) -> Problem:
    """Return what pydantic found, in our words."""
    path: Loc = tuple(part for part in error["loc"] if part != "[key]")
    value, kind = error["input"], error["type"]
    if kind == "extra_forbidden":
        known = _known_keys(Scenario, path[:-1])
        near = nearest(str(path[-1]), known)
        names = f": known are {', '.join(known)}" if not near else ""
        return Problem(path, f"unknown key {path[-1]!r}{names}", near, on_key=True)
    if kind == "missing":
        return Problem(path[:-1], f"the key {path[-1]!r} is missing", on_key=True)
    reason = error.get("ctx", {}).get("error")
    if isinstance(reason, NotReadError):
        wrong = reason.error
        return Problem(path, wrong.message, token=(wrong.text, wrong.at))
    message = error["msg"].removeprefix("Value error, ")
    hint = ""
    if kind == "literal_error":
        expected = error["ctx"]["expected"].replace("'", "")
        message = f"expected {expected}, got {value!r}"
        hint = nearest(str(value), expected.replace(" or ", ", ").split(", "))
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        message = f"expected a mapping of keys, got {_short(value)}"
    elif kind != "value_error":
        message = f"{message.replace('Input should be', 'expected')}, got {_short(value)}"
    return Problem(path, message, hint)


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _known_keys(model: Any, path: Loc) -> list[str]:
    """Return the keys that are known at a path of the scenario."""
    for part in path:
        model = _step(model, part)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _step(annotation: Any, part: str | int) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if part in (name, field.alias):
                return _plain(field.annotation)
        return None
    if get_origin(annotation) in (dict, list):
        return _plain(get_args(annotation)[-1])
    return None


def _plain(annotation: Any) -> Any:
    """Return ``X`` for ``X | None``."""
    if get_origin(annotation) in (Union, UnionType):
        return next(arg for arg in get_args(annotation) if arg is not type(None))
    return annotation


def check_report(scenario: Scenario) -> str:
    """Return what will run and how large it is, for people."""
    from mailsim.experiment.network import build_graph
    from mailsim.experiment.traffic import workload_of

    graph = build_graph(scenario)
    lines = [
        f"{scenario.path}: ok",
        f"  {len(scenario.hosts)} hosts, {len(scenario.directory.mail_hosts)} of them speak SMTP",
        f"  {graph.number_of_nodes()} nodes, {graph.number_of_edges()} links",
        f"  {len(scenario.zones)} zones",
        f"  {format_duration(scenario.duration)} of simulated time, seed {scenario.seed}",
    ]
    for name, traffic in scenario.traffic.items():
        n = workload_of(traffic).expected(scenario.duration)
        about = "" if n == round(n) else "about "
        text = f"  traffic {name}: {about}{round(n):,} messages".replace(",", " ")
        lines.append(text if n else f"{text}: none falls due before the end")
    if scenario.sweep is not None:
        from mailsim.experiment.sweep import sweep_text

        lines.append(f"  {sweep_text(scenario, scenario.sweep)}")
    if scenario.find is not None:
        lines.append(f"  find: {scenario.find.text}")
    return "\n".join(lines)
