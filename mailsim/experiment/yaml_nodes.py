"""YAML with positions: YAML 1.2 core values, and where in the file each of them stands.

PyYAML's C parser composes the nodes; the values are made here, because YAML 1.1 reads ``NO`` as
false and ``25:25`` as 1525.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from mailsim.errors import ConfigError, Problem

__all__ = ["Document", "parse_value", "read_document"]

_TAG = "tag:yaml.org,2002:"
_CORE = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
}
_IS_CORE = {name: re.compile(text).fullmatch for name, text in _CORE.items()}
_ARTICLE = {"null": "nothing", "bool": "true or false", "int": "an int", "float": "a number"}
_TOO_DEEP = "nested too deeply; does an alias stand inside itself?"
_MOST_VALUES = 1_000_000
_LONGEST_INT = 100
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Resolves plain scalars by the YAML 1.2 core schema (section 10.3.2)."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name and kind
        None: [(_TAG + name, re.compile(rf"^(?:{text})$")) for name, text in _CORE.items()]
    }


class Document:
    """A YAML file as values, with the position of each.

    Attributes
    ----------
    name : str
        File name, for messages.
    data : object
    problems : list of Problem
        Duplicate keys, and values that are not what their tag says (``!!int abc``).
    """

    def __init__(self, name: str, text: str, node: yaml.Node) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self._lines = text.splitlines()
        self._keys: dict[tuple[str | int, ...], yaml.Mark] = {}
        self._values: dict[tuple[str | int, ...], yaml.Mark] = {}
        self._blocks: set[tuple[str | int, ...]] = set()
        self.data = self._value(node, ())

    def _value(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        self._values[path] = node.start_mark
        if len(self._values) > _MOST_VALUES:
            raise ConfigError(f"{self.name}: more than {_MOST_VALUES} values; do aliases multiply?")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*path, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        if node.style in ("|", ">"):
            self._blocks.add(path)
        return self._scalar(node, path)

    def _scalar(self, node: yaml.ScalarNode, path: tuple[str | int, ...]) -> Any:
        kind = node.tag.removeprefix(_TAG)
        if kind in _IS_CORE and not _IS_CORE[kind](node.value):  # only a tag can say so
            self.problems.append(
                Problem(path, f"expected {_ARTICLE[kind]}, as !!{kind} says, got {node.value!r}")
            )
            return None
        return _value_of(kind, node.value)

    def _mapping(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[Any, Any]:
        data: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = None
            if isinstance(key_node, yaml.ScalarNode):
                key = self._scalar(key_node, path)
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                key = str(key_node.value)
            where = (*path, key)
            if key in data:
                first = self._keys[where].line + 1
                self._keys[where] = key_node.start_mark
                self.problems.append(
                    Problem(where, f"duplicate key {key!r}, first in line {first}", on_key=True)
                )
                continue
            self._keys[where] = key_node.start_mark
            data[key] = self._value(value_node, where)
        return data

    def position(self, problem: Problem) -> tuple[int, int]:
        """Return line and column, from 1, of what a problem is about or of its nearest parent."""
        path = problem.path
        marks = (self._keys, self._values) if problem.on_key else (self._values, self._keys)
        while path not in marks[0] and path not in marks[1]:
            path = path[:-1]
            marks = (self._keys, self._values)  # the key of a parent says more than its value
        mark = marks[0].get(path) or marks[1][path]
        if problem.line and path in self._blocks:  # lines of other text are none of the file
            line = min(mark.line + problem.line, len(self._lines) - 1)
            text = self._lines[line]
            return line + 1, len(text) - len(text.lstrip()) + 1
        text, at = problem.token
        found = self._lines[mark.line].find(text, mark.column) if text else -1
        return mark.line + 1, (mark.column if found < 0 else found + at) + 1

    def show(self, problem: Problem) -> str:
        """Return ``file:line:column: message``, the source line and a caret."""
        line, column = self.position(problem)
        source = self._lines[line - 1] if line <= len(self._lines) else ""
        hint = f"; did you mean {problem.hint!r}?" if problem.hint else ""
        margin = f"{line:>5} | "
        caret = " " * 5 + " | " + " " * (column - 1) + "^"
        return f"{self.name}:{line}:{column}: {problem.message}{hint}\n{margin}{source}\n{caret}"


def _value_of(kind: str, text: str) -> Any:
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if len(text) <= _LONGEST_INT:  # a longer one stays text, which nothing takes
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        case "float":
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def read_document(name: str, text: str) -> Document:
    """Return the document that a text holds.

    Raises
    ------
    ConfigError
        If the text is no YAML, is empty, or is not a mapping.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        context = f"{error.context}: " if error.context else ""
        shown = ""
        lines = text.splitlines()
        if mark and mark.line < len(lines):
            shown = f"\n{mark.line + 1:>5} | {lines[mark.line]}\n      | {' ' * mark.column}^"
        raise ConfigError(f"{name}{where}: not YAML: {context}{error.problem}{shown}") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: not YAML: {_TOO_DEEP}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {' '.join(str(error).split())}") from error
    if node is None:
        raise ConfigError(f"{name}: the file is empty; expected a scenario")
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{name}:1:1: expected a mapping of scenario keys, got something else")
    try:
        return Document(name, text, node)
    except RecursionError as error:
        raise ConfigError(f"{name}: not YAML: {_TOO_DEEP}") from error


def parse_value(text: str, name: str = "--set") -> Any:
    """Return the value of a ``--set PATH=VALUE``; ``name`` is that, for messages.

    Raises
    ------
    ConfigError
        If it is no YAML, has a key twice, or is not what a tag in it says.
    """
    # In a line of its own, so that neither line nor column of a message is moved by a key.
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise ConfigError(f"{name}: the value is not YAML: {reason}") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: the value is not YAML: {_TOO_DEEP}") from error
    if node is None:
        return None
    document = Document(name, text, node)
    if document.problems:
        raise ConfigError("\n".join(f"{name}: {problem.message}" for problem in document.problems))
    return document.data
