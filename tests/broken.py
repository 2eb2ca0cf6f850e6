"""Runs in which things break: a small network, its traffic, and the faults of a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mailsim.analysis import Frames
from mailsim.experiment.check import load_scenario
from mailsim.experiment.runner import simulate
from mailsim.record.log import Log

SCENARIO: dict[str, Any] = {
    "mailsim": 1,
    "duration": "30min",
    "zones": {
        "example.org": "@ 3600 IN MX 10 mx1\nmx1 3600 IN A 192.0.2.25\n",
        "example.net": "@ 300 IN MX 10 mx\nmx 300 IN A 198.51.100.25\n",
    },
    "hosts": {
        "office.example.org": {"clients": {"submit_to": "mx1.example.org"}},
        "mx1.example.org": {
            "listen": {25: {}, 587: {}},
            "users": {"alice": {"password": "wonderland"}},
            "service_time": "8ms",
            "postfix": {"minimal_backoff_time": "60s", "queue_run_delay": "30s"},
        },
        "mx.example.net": {"service_time": "8ms"},
        "ns.example.org": {"dns": ["example.org", "example.net"]},
    },
    "network": {"topology": "star", "center": "ix"},
    "links": [{"between": "*", "latency": "10ms", "bandwidth": "100 Mbit/s"}],
    "traffic": {
        "people": {"from": "example.org", "to": "example.net", "arrivals": {"poisson": "120/min"}}
    },
}


def write(directory: Path, *faults: dict[str, Any], **more: Any) -> Path:
    """Write the scenario with these faults, and other keys at its top; return its path."""
    path = directory / "broken.yaml"
    data = {**SCENARIO, **more, "faults": list(faults)}
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return path


def run(
    directory: Path, *faults: dict[str, Any], sets: tuple[str, ...] = (), **more: Any
) -> Frames:
    """Run the scenario with these faults; both fidelities give the same rows."""
    path = write(directory, *faults, **more)
    tables: dict[str, Any] = {}
    for fidelity in ("wire", "flights"):
        scenario = load_scenario(path, [*sets, f"fidelity={fidelity}"])
        log = Log(with_events=scenario.record.events, with_faults=bool(faults))
        info = simulate(scenario, scenario.seed, log)
        before, tables = tables, log.tables()
        assert all(before[name].equals(table) for name, table in tables.items() if before)
    return Frames(tables, info)
