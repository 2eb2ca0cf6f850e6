"""Which room may import what: the walls of the house, checked over the import statements."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mailsim"
BASE = {"errors", "options", "registry", "spelling", "units"}
CORE = {"message", "smtp", "dns", "mta"}
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    # room: rooms of ours, packages of others
    "errors": (set(), set()),
    "units": (set(), set()),
    "options": (set(), set()),
    "spelling": (set(), set()),
    "registry": ({"errors", "spelling"}, set()),
    "message": ({"errors"}, set()),
    "smtp": ({"message", "errors", "registry"}, set()),
    "dns": ({"errors"}, {"dns"}),
    "mta": ({"smtp", "dns", "message", *BASE}, set()),
    "live": (
        {*CORE, "record", "errors"},
        {"cryptography", "uvloop"},
    ),
    "record": ({"message", "errors"}, {"numpy", "pyarrow"}),
    "sim": ({*CORE, *BASE, "record"}, {"simpy", "networkx", "numpy"}),
    "analysis": (
        {"record", *BASE},
        {"numpy", "pandas", "pyarrow", "scipy"},
    ),
    "plots": ({"analysis", "record", *BASE}, {"matplotlib", "numpy", "pandas", "networkx"}),
    "experiment": (
        {"sim", "analysis", "record", *CORE, *BASE},
        {"pydantic", "yaml", "networkx", "distributed"},
    ),
}
FACES = {
    "cli", "cli_dig", "cli_expect", "cli_explain", "cli_live", "cli_run", "cli_theory",
    "comparing", "progress", "compiled", "digging", "found", "serving", "sending", "recording",
    "api", "results", "sweep_results", "__init__", "__main__",
}  # fmt: skip
NOT_IN_THE_CORE = {"time", "random", "socket", "asyncio", "simpy", "threading", "secrets"}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports_of(path: Path) -> list[str]:
    """Return dotted names of all imported modules, relative ones resolved."""
    names = []
    here = ("mailsim", *path.relative_to(PACKAGE).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else ()
            names.append(".".join([*base, *([node.module] if node.module else [])]))
    return names


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_crosses_a_wall(path: Path) -> None:
    room = room_of(path)
    if room in FACES:
        return
    ours, others = ALLOWED[room]
    for name in imports_of(path):
        top, _, rest = name.partition(".")
        if top == "mailsim":
            target = rest.partition(".")[0]
            assert target in {room, *ours}, f"{room} may not import {name}"
        elif top not in sys.stdlib_module_names:
            assert top in others, f"{room} may not import {name}"
        elif room in CORE:
            assert top not in NOT_IN_THE_CORE, f"{room} may not know {name}"


def test_results_open_without_a_simulator() -> None:
    names = [*imports_of(PACKAGE / "results.py")]
    assert not [name for name in names if name.startswith(("mailsim.sim", "mailsim.experiment"))]


def test_every_room_is_in_the_plan() -> None:
    assert {room_of(path) for path in FILES} <= set(ALLOWED) | FACES
