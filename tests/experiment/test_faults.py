"""What can be wrong with the faults of a scenario is told at its place; what is right loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from broken import write

from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario
from mailsim.experiment.faults import faults_of
from mailsim.experiment.schema import json_schema

MX = "mx.example.net"


def problem(directory: Path, *faults: Any, **more: Any) -> tuple[str, str]:
    """Return the text behind the place of the only problem, and the source line."""
    path = write(directory, *faults, **more)
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert len(caught.value.problems) == 1
    place, line, _ = str(caught.value).split("\n")
    name, row, column, text = place.split(":", 3)
    assert name == str(path)
    assert int(row) > 30
    assert int(column) >= 1
    return text.strip(), line.partition("| ")[2].strip()


@pytest.mark.parametrize(
    ("fault", "expected", "line"),
    [
        (
            {"host_down": "mx.example.nt"},
            "host_down: unknown host or node 'mx.example.nt'; did you mean",
            "- host_down: mx.example.nt",
        ),
        (
            {"link_down": ["ix", "nowhere"]},
            "link_down: unknown host or node 'nowhere'",
            "- nowhere",
        ),
        (
            {"link_down": ["mx1.example.org", MX]},
            "link_down: no link between mx1.example.org and mx.example.net: mx1",
            "- mx1.example.org",
        ),
        (
            {"latency_spike": {"between": ["ix", "nobody"], "add": "1s"}},
            "latency_spike: unknown host or node 'nobody'",
            "- nobody",
        ),
        (
            {"slow_disk": {"host": "ns.example.org", "add": "1s"}},
            "slow_disk: host ns.example.org takes no mail",
            "host: ns.example.org",
        ),
        ({"slow_disk": {"host": "xyz", "add": "1s"}}, "slow_disk: unknown host 'xyz'", "host: xyz"),
        (
            {"slow_disk": {"host": MX, "factor": 0}},
            "slow_disk: factor: expected a number of at least 1, got 0",
            "factor: 0",
        ),
        (
            {"full_disk": "office.example.org"},
            "full_disk: host office.example.org takes no mail",
            "- full_disk: office.example.org",
        ),
        ({"host_dwn": MX}, "unknown fault 'host_dwn': known are", "- host_dwn: mx.example.net"),
        (
            {"at": "1s"},
            "expected one fault by name, such as {host_down: mx.example.net}",
            "- at: 1s",
        ),
        (
            {"host_down": MX, "full_disk": MX},
            "expected one fault by name, such as {host_down: mx.example.net}",
            "- host_down: mx.example.net",
        ),
        (
            {"host_down": MX, "at": "-3s"},
            "expected a duration such as 20ms or 5 min, got '-3s': it must not",
            "at: -3s",
        ),
        ({"host_down": MX, "for": "0s"}, "expected a duration above 0s, got '0s'", "for: 0s"),
        ({"host_down": MX, "at": "30min"}, "no effect: the run ends after 30 min", "at: 30min"),
        ({"host_down": MX, "every": "1min"}, "expected 'for' besides 'every'", "every: 1min"),
        (
            {"host_down": MX, "for": "2min", "every": "2min"},
            "expected more than the 2 min that the fault lasts",
            "every: 2min",
        ),
        ({"host_down": MX, "mtbf": "2min"}, "expected 'mttr' besides 'mtbf'", "mtbf: 2min"),
        ({"host_down": MX, "mttr": "2min"}, "expected 'mtbf' besides 'mttr'", "mttr: 2min"),
        (
            {"host_down": MX, "mtbf": "2min", "mttr": "1s", "for": "3s"},
            "expected either 'for' or 'mtbf' and 'mttr', not both",
            "for: 3s",
        ),
        (
            {"no.such:Class": 1},
            "cannot load fault 'no.such:Class': No module named 'no'",
            "- no.such:Class: 1",
        ),
    ],
)
def test_each_error_at_its_place(
    tmp_path: Path, fault: dict[str, Any], expected: str, line: str
) -> None:
    text, source = problem(tmp_path, fault)
    assert text.startswith(expected)
    assert source == line


def test_no_certificate_to_expire(tmp_path: Path) -> None:
    from broken import SCENARIO

    hosts = {**SCENARIO["hosts"], MX: {"listen": {25: {"tls": "none"}}}}
    text, _ = problem(tmp_path, {"expired_certificate": MX}, hosts=hosts)
    assert text == (
        "expired_certificate: host mx.example.net has no certificate: none of its ports has TLS"
    )


def test_where_the_network_is_wrong_links_are_not_judged(tmp_path: Path) -> None:
    text, _ = problem(tmp_path, {"link_down": ["a", "b"]}, network={"topology": "sphere"})
    assert text.startswith("unknown topology 'sphere'")


GOOD = [
    {"host_down": MX},
    {"host_down": MX, "at": "1min", "for": "20s", "every": "1min"},
    {"link_down": ["ix", MX], "mtbf": "1h", "mttr": "1min", "at": "1min"},
]
BAD = [
    {"host_up": MX},
    {"host_down": MX, "full_disk": MX},
    {"host_down": MX, "mtbf": "1h"},
    {"host_down": MX, "mttr": "1h"},
    {"host_down": MX, "mtbf": "1h", "mttr": "1min", "for": "1s"},
    {"host_down": MX, "mtbf": "1h", "mttr": "1min", "every": "1s"},
    {"host_down": MX, "at": 3},
    {"host_down": MX, "for": "0s"},
]


def test_schema_and_loader_agree(tmp_path: Path) -> None:
    rule = jsonschema.Draft202012Validator(json_schema()["$defs"]["Fault"])
    for fault in GOOD:
        load_scenario(write(tmp_path, fault))
        assert rule.is_valid(fault), fault
    for fault in BAD:
        with pytest.raises(ConfigError):
            load_scenario(write(tmp_path, fault))
        assert not rule.is_valid(fault), fault
    assert rule.is_valid({"my.own:Fault": {"a": 1}, "at": "3s"})


def test_resolved_it_is_the_same(tmp_path: Path) -> None:
    scenario = load_scenario(write(tmp_path, *GOOD))
    again = tmp_path / "again.yaml"
    again.write_text(yaml.safe_dump(scenario.resolved()), encoding="utf-8")
    assert load_scenario(again).faults == scenario.faults


def test_streams_do_not_depend_on_other_faults(tmp_path: Path) -> None:
    def streams(*faults: dict[str, Any]) -> list[str]:
        return [one.stream for one in faults_of(load_scenario(write(tmp_path, *faults)))]

    assert streams(*GOOD) == [
        "fault/host_down/mx.example.net",
        "fault/host_down/mx.example.net/2",
        "fault/link_down/ix - mx.example.net",
    ]
    assert streams(GOOD[2]) == ["fault/link_down/ix - mx.example.net"]


def test_a_class_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_fault.py").write_text(
        "from mailsim.sim.faults import Fault, Target\n"
        "class Twin(Fault):\n"
        "    @classmethod\n"
        "    def from_options(cls, options): return cls()\n"
        "    def targets(self): return [Target('node', ('ix',))]\n"
        "    def begin(self, world): world.machines.crash('ix')\n"
        "    def end(self, world): world.machines.restart('ix')\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    (chosen,) = faults_of(load_scenario(write(tmp_path, {"own_fault:Twin": {}})))
    assert chosen.name == "own_fault:Twin"
