"""``run.json`` keeps the scenario with all defaults: read again, it is the same scenario."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.experiment.check import load_scenario

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "experiments").rglob("*.yaml"), *(ROOT / "bench").glob("*.yaml")])


def again(tmp_path: Path, resolved: dict) -> Path:  # type: ignore[type-arg]
    (tmp_path / "networks").symlink_to(ROOT / "experiments" / "networks")
    path = tmp_path / "again.yaml"  # JSON is YAML
    path.write_text(json.dumps(resolved), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_the_same_scenario(tmp_path: Path, path: Path) -> None:
    first = load_scenario(path)
    second = load_scenario(again(tmp_path, first.resolved()))
    assert second.resolved() == first.resolved()
    assert second.directory.mail_hosts == first.directory.mail_hosts
    for name in first.directory.mail_hosts:
        assert second.listeners(name) == first.listeners(name)
        assert second.hosts[name] == first.hosts[name]


@pytest.mark.parametrize(
    ("name", "sets"),
    [
        ("first_mail.yaml", ["hosts.mx.example.net.backlog=unlimited", "warmup=1s"]),
        (
            "bulk_send.yaml",
            [
                "traffic.newsletter.bulk.recipients=200",
                "traffic.newsletter.bulk.rate=10/s",
                "duration=15min",
            ],
        ),
    ],
)
def test_it_gives_the_same_run(tmp_path: Path, name: str, sets: list[str]) -> None:
    first = ms.load(ROOT / "experiments" / name, *sets).run(out=tmp_path / "r")
    kept = json.loads((tmp_path / "r" / "run.json").read_text(encoding="utf-8"))["scenario"]
    second = ms.load(again(tmp_path, kept)).run()
    assert kept["hosts"]["office.example.org"]["clients"]["messages_per_connection"] == 100
    for table, frame in first.frames.items():
        assert frame.equals(second.frames[table]), table
