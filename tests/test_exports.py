"""Every public module says what it offers, and offers it; every public thing is documented."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mailsim"
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)


@pytest.mark.parametrize("name", MODULES)
def test_all_is_true(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    if not hasattr(module, "__all__"):
        public = [n for n in vars(module) if not n.startswith("_") and n != "annotations"]
        assert not public, f"{name} has no __all__ but {public}"
        return
    assert len(module.__all__) == len(set(module.__all__))
    for entry in module.__all__:
        thing = getattr(module, entry)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, f"{name}.{entry} has no docstring"


@pytest.mark.parametrize("room", ["message", "smtp", "dns", "record", "analysis"])
def test_a_room_offers_what_its_modules_offer(room: str) -> None:
    package = importlib.import_module(f"mailsim.{room}")
    offered = set()
    for path in (PACKAGE / room).glob("*.py"):
        if path.stem != "__init__":
            offered |= set(importlib.import_module(f"mailsim.{room}.{path.stem}").__all__)
    assert set(package.__all__) <= offered
