"""Every public module says what it offers, and offers it; every public thing is documented."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from mailsim import errors

PACKAGE = Path(__file__).parents[1] / "mailsim"
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)


def documented(name: str) -> dict[str, str | None]:
    """Return the docstrings of a module, as "", and of its classes and functions.

    From the source: compiled modules and classes have none.
    """
    path = PACKAGE.parent.joinpath(*name.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(source.read_text())
    things = [t for t in tree.body if isinstance(t, (ast.ClassDef, ast.FunctionDef))]
    return {"": ast.get_docstring(tree), **{t.name: ast.get_docstring(t) for t in things}}


@pytest.mark.parametrize("name", MODULES)
def test_all_is_true(name: str) -> None:
    module = importlib.import_module(name)
    assert documented(name)[""], f"{name} has no docstring"
    if not hasattr(module, "__all__"):
        public = [n for n in vars(module) if not n.startswith("_") and n != "annotations"]
        assert not public, f"{name} has no __all__ but {public}"
        return
    assert len(module.__all__) == len(set(module.__all__))
    for entry in module.__all__:
        thing = getattr(module, entry)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert documented(thing.__module__).get(entry, thing.__doc__), (
                f"{name}.{entry} has no docstring"
            )


def public_methods(cls: type) -> list[tuple[str, object]]:
    return [
        (name, getattr(thing, "fget", None) or getattr(thing, "__func__", thing))
        for name, thing in vars(cls).items()
        if not name.startswith("_")
        and (callable(thing) or isinstance(thing, (property, classmethod)))
    ]


@pytest.mark.parametrize("name", MODULES)
def test_public_methods_are_documented(name: str) -> None:
    """In the class, or in the base class that promises them."""
    module = importlib.import_module(name)
    for entry in getattr(module, "__all__", ()):
        cls = getattr(module, entry)
        if not inspect.isclass(cls) or not cls.__module__.startswith("mailsim"):
            continue
        for method, thing in public_methods(cls):
            if inspect.isfunction(thing):
                assert inspect.getdoc(getattr(cls, method)), f"{name}.{entry}.{method}"


@pytest.mark.parametrize("room", ["message", "smtp", "dns", "record", "analysis"])
def test_a_room_offers_nothing_that_its_modules_keep_to_themselves(room: str) -> None:
    package = importlib.import_module(f"mailsim.{room}")
    offered = set()
    for path in (PACKAGE / room).glob("*.py"):
        if path.stem != "__init__":
            offered |= set(importlib.import_module(f"mailsim.{room}.{path.stem}").__all__)
    assert set(package.__all__) <= offered


def test_the_tree_of_exceptions_is_the_one_in_the_docstring() -> None:
    for name in MODULES:
        importlib.import_module(name)

    def tree(cls: type, depth: int) -> list[tuple[int, str]]:
        children = sorted(cls.__subclasses__(), key=lambda child: child.__name__)
        ours = [child for child in children if child.__module__.startswith("mailsim")]
        below = [line for child in ours for line in tree(child, depth + 1)]
        return [(depth, cls.__name__), *below]

    drawn = re.findall(r"^    ([| +-]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    told = [(len(line) // 4, name) for line, name in drawn]
    assert sorted(told) == sorted(tree(errors.MailsimError, 0))
    parents = {name: parent_of(told, i) for i, (_, name) in enumerate(told)}
    for name, parent in parents.items():
        if parent is not None:
            cls = next(c for c in all_of(errors.MailsimError) if c.__name__ == name)
            assert cls.__base__.__name__ == parent


def parent_of(lines: list[tuple[int, str]], i: int) -> str | None:
    above = [name for depth, name in lines[:i] if depth == lines[i][0] - 1]
    return above[-1] if above else None


def all_of(cls: type) -> list[type]:
    return [cls, *(below for child in cls.__subclasses__() for below in all_of(child))]
