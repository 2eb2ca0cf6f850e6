"""From a scenario file to a checked scenario, or to all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mailsim.errors import ConfigError, Problem
from mailsim.experiment.model import Scenario
from mailsim.experiment.network_model import GIVEN
from mailsim.experiment.partial import without_errors
from mailsim.experiment.references import check_references
from mailsim.experiment.spelling import nearest
from mailsim.experiment.yaml_nodes import Document, parse_value, read_document
from mailsim.units import format_duration

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["check_report", "load_scenario"]

Loc = tuple[str | int, ...]


def load_scenario(
    path: str | Path, sets: Sequence[str] = (), graph: nx.Graph | None = None
) -> Scenario:
    """Return the scenario of a file.

    Parameters
    ----------
    path : str or Path
    sets : sequence of str
        Overrides ``PATH=VALUE``: keys joined by dots, the value in YAML.
    graph : networkx.Graph, optional
        The network, instead of the one that the file tells of.

    Raises
    ------
    ConfigError
        If anything is wrong; the text lists every problem with its position.
    """
    path = Path(path)
    given = None if graph is None else _checked(graph)
    document = read_document(str(path), _read(path))
    places = [_apply(document.data, text) for text in sets]
    if given is not None:
        document.data["network"] = dict(GIVEN)
    problems = list(document.problems)
    scenario = None
    try:
        scenario = Scenario.model_validate(document.data)
    except ValidationError as error:
        told = {problem.path for problem in problems if not problem.on_key}
        found = [_problem(dict(one)) for one in error.errors()]
        problems += [problem for problem in found if problem.path not in told]
        rest = without_errors(document.data, error)
        if rest is not None:
            rest._path = path
            rest._given_graph = given
            rest._is_partial = True  # its duration may be made up
            wrong = [problem.path for problem in problems]
            if not {("zones",), ("hosts",)} & set(wrong):  # else all would be unknown
                problems += [
                    problem
                    for problem in check_references(rest)
                    if not any(path[: len(problem.path)] == problem.path for path in wrong)
                ]
    else:
        scenario._path = path
        scenario._given_graph = given
        problems += check_references(scenario)
    if problems:
        raise ConfigError(
            _text(document, problems, dict(zip(places, sets, strict=True))), tuple(problems)
        )
    assert scenario is not None
    return scenario


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
            shown.append(((0, 0), f"--set {sets[place]}: {problem.message}{hint}"))
    shown.sort()
    return "\n".join([text for _, text in shown])


def _is_about(problem: Problem, place: Loc) -> bool:
    """Tell whether a problem lies in what an override has put there."""
    n = min(len(place), len(problem.path))
    return place[:n] == problem.path[:n] and (n == len(place) or problem.on_key)


def _apply(data: Any, text: str) -> Loc:
    """Put one override into the data; return the path it changed."""
    if not _is_utf8(text):
        raise ConfigError(f"--set {text}: expected text in UTF-8, got other octets")
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"--set {text}: expected PATH=VALUE, such as duration=10min")
    place: list[str | int] = []
    at, rest = data, name
    while True:
        key, rest = _first_key(at, rest, text, place)
        place.append(key)
        if not rest:
            at[key] = parse_value(value, f"--set {text}")
            return tuple(place)
        if isinstance(at, dict) and at.get(key) is None:
            at[key] = {}
        at = at[key]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _first_key(at: Any, path: str, text: str, place: list[str | int]) -> tuple[Any, str]:
    """Split the first key off a path; keys may hold dots, so the longest match wins.

    In a list the key is the number of an item, from 0.
    """
    here = ".".join(map(str, place))
    if isinstance(at, list):
        number, _, rest = path.partition(".")
        if not (number.isascii() and number.isdecimal() and int(number) < len(at)):
            known = f"0 to {len(at) - 1}" if at else "nothing, it is empty"
            raise ConfigError(f"--set {text}: {here}: expected an item, {known}, got {number!r}")
        return int(number), rest
    first: str | int
    if not isinstance(at, dict):
        raise ConfigError(f"--set {text}: {here} has no keys")
    for key in sorted(at, key=lambda key: -len(str(key))):
        name = str(key)
        if path == name or path.startswith(f"{name}."):
            first, rest = key, path[len(name) + 1 :]
            break
    else:
        word, _, rest = path.partition(".")
        first = int(word) if word.isascii() and word.isdecimal() else word
    if first == "" or path.endswith("."):
        raise ConfigError(f"--set {text}: expected keys joined by single dots")
    return first, rest


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
    return "\n".join(lines)
