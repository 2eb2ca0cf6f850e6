"""Rooms of interchangeable things: one file, one registered class, a source, an example, a test."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

from mailsim.experiment.check import load_scenario
from mailsim.registry import ROOMS

ROOT = Path(__file__).parents[1]
PLACES = {
    "policy": "mailsim/mta/policies",
    "scheduler": "mailsim/mta/schedulers",
    "preset": "mailsim/mta/presets",
    "receiver": "mailsim/mta/receivers",
    "workload": "mailsim/sim/workloads",
    "topology": "mailsim/sim/topologies",
    "fault": "mailsim/sim/faults",
    "extension": "mailsim/smtp/extensions",
    "plot": "mailsim/plots",
    "measure": "mailsim/analysis/measures",
}
FILES = [
    (kind, path)
    for kind, place in PLACES.items()
    for path in sorted((ROOT / place).glob("*.py"))
    if not path.name.startswith("_")
]
BASE = ROOT / "experiments" / "first_mail.yaml"


def stem(value: object) -> str:
    return getattr(value, "stem", str(value))


def registered(kind: str, path: Path) -> list[tuple[str, type]]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    importlib.import_module(module)
    room = ROOMS[kind]
    return [(n, room.get(n)) for n in room.names() if room.get(n).__module__ == module]


@pytest.mark.parametrize(("kind", "path"), FILES, ids=stem)
def test_one_class_with_source_and_test(kind: str, path: Path) -> None:
    found = registered(kind, path)
    assert len(found) == 1
    name, cls = found[0]
    assert re.sub("[^a-z0-9]", "", name.lower()).replace("8bit", "eightbit") == path.stem.replace(
        "_", ""
    )
    doc = cls.__doc__ or ""
    assert re.search(r"^\s*Source: \S", doc, re.MULTILINE), f"{path.stem} names no source"
    test = ROOT / "tests" / path.relative_to(ROOT / "mailsim").parent / f"test_{path.stem}.py"
    assert test.is_file(), f"{test.relative_to(ROOT)} is missing"


WITHOUT_YAML = {
    "measure": "an expression such as p95(delay); its forms are in tests/analysis/measures",
    "extension": "a list of names under listen: no options, so no example (tests/smtp/extensions)",
    "plot": "named on the command line, mailsim plot NAME, and not in a scenario (tests/test_cli)",
}
"""Kinds whose classes show no ``Example::``, and why."""
EXAMPLES = [(kind, path) for kind, path in FILES if kind not in WITHOUT_YAML]


def test_every_kind_is_looked_at() -> None:
    for path in (ROOT / "mailsim").rglob("__init__.py"):
        importlib.import_module(".".join(path.parent.relative_to(ROOT).parts))
    assert set(PLACES) == set(ROOMS)
    assert {kind for kind, _ in EXAMPLES} | set(WITHOUT_YAML) == set(ROOMS)


@pytest.mark.parametrize(("kind", "path"), EXAMPLES, ids=stem)
def test_the_example_of_the_docstring_loads(kind: str, path: Path, tmp_path: Path) -> None:
    ((_, cls),) = registered(kind, path)
    match = re.search(r"Example::\n\n((?:[ ]{8}.*\n|\n)+)", cls.__doc__ or "")
    assert match, f"{path.stem} has no example"
    example = yaml.safe_load(match[1])
    scenario = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    if kind == "policy":
        scenario["hosts"]["relay.example.org"]["policies"].append(example)
    elif kind in ("scheduler", "preset", "receiver"):
        scenario["hosts"]["relay.example.org"].update(example)
    elif kind == "topology":
        scenario["network"] = example["network"]
        if example["network"].get("topology") != "star":  # which alone has the node ix
            scenario["links"] = []
        if "file" in scenario["network"]:
            for name, host in scenario["hosts"].items():
                scenario["hosts"][name] = {**host, "at": "Berlin"}
    elif kind == "fault":
        scenario["faults"] = [example]
    elif "bulk" in example:
        del scenario["traffic"]["hello"]["arrivals"]
        scenario["traffic"]["hello"].update(example)
    else:
        scenario["traffic"]["hello"]["arrivals"] = example
    target = tmp_path / "example.yaml"
    target.write_text(yaml.safe_dump(scenario, sort_keys=False), encoding="utf-8")
    (tmp_path / "networks").symlink_to(ROOT / "experiments" / "networks")
    load_scenario(target)
