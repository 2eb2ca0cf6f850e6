"""Rooms of interchangeable things: a name in a scenario becomes a class.

A room is a package whose files hold one registered class each.  A file is found by being
there: the room's ``__init__`` is not edited.  ``"package.module:Class"`` loads a user's own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from mailsim.errors import UnknownNameError, error_text
from mailsim.spelling import nearest

__all__ = ["ROOMS", "Room"]

T = TypeVar("T")

ROOMS: dict[str, Room[Any]] = {}
"""All rooms by their kind, such as ``"policy"``; filled as rooms are imported."""


class Room(Generic[T]):
    """The registered classes of one package.

    Parameters
    ----------
    kind : str
        What one of them is, in the singular, as a user would say it: ``"policy"``.
    package : str
        Dotted name of the package whose files hold them.
    base : type
        What all of them share, a base class or a protocol: a user's own class must have all
        its public methods and attributes.
    """

    def __init__(self, kind: str, package: str, base: type = object) -> None:
        self.kind = kind
        self.package = package
        self._needs = [name for name in vars(base) if not name.startswith("_")]
        self._classes: dict[str, type[T]] = {}
        self._imported = False
        ROOMS[kind] = self

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Return a class decorator that enters the class under ``name``.

        Raises
        ------
        ValueError
            If the name is taken: two plug-ins of one name are a mistake in the program.
        """

        def enter(cls: type[T]) -> type[T]:
            if name in self._classes:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._classes[name] = cls
            return cls

        return enter

    def names(self) -> list[str]:
        """Return all registered names, sorted."""
        self._import_all()
        return sorted(self._classes)

    def get(self, name: str) -> type[T]:
        """Return the class registered under ``name``, or the user's own ``module:Class``.

        Raises
        ------
        UnknownNameError
            If there is none; the message lists the known names, or says why the user's own
            cannot be loaded.
        """
        if name not in self._classes:
            self._import_all()
        if name in self._classes:
            return self._classes[name]
        if ":" in name:
            return self._load(name)
        near = nearest(name, self.names())
        hint = f"; did you mean {near!r}?" if near else ""
        raise UnknownNameError(
            f"unknown {self.kind} {name!r}: known are {', '.join(self.names())}{hint}"
        )

    def summary(self, name: str) -> str:
        """Return the first line of the docstring of the class called ``name``."""
        return (self.get(name).__doc__ or "").strip().split("\n", 1)[0]

    def _load(self, name: str) -> type[T]:
        module, _, attribute = name.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except Exception as error:  # a module of the user's may raise anything
            reason = error_text(error)
            raise UnknownNameError(f"cannot load {self.kind} {name!r}: {reason}") from error
        if not isinstance(found, type):
            raise UnknownNameError(f"cannot load {self.kind} {name!r}: it is not a class")
        missing = [need for need in self._needs if not hasattr(found, need)]
        if missing:
            raise UnknownNameError(
                f"cannot load {self.kind} {name!r}: the class has no {', '.join(missing)}"
            )
        return found

    def _import_all(self) -> None:
        if self._imported:
            return
        self._imported = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_"):
                importlib.import_module(f"{self.package}.{module.name}")
