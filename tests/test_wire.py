"""``fidelity: wire`` gives the rows that the shortcut gives, for every shipped experiment."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.experiment.check import load_scenario
from mailsim.experiment.runner import simulate
from mailsim.record.log import Log

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
BULK = "traffic.mail.bulk.recipients"
SHORTER = {
    "bulk_send": ["traffic.newsletter.bulk.recipients=3000", "duration=30min"],
    "internet_1000": ["duration=6min"],
    "partition_heals": ["duration=80min"],
    # Millions of sessions are for the theory tests; the first of them show the same.
    "theory": ["duration=60s", "warmup=0s"],
    "diurnal_connections": ["duration=8h", "warmup=0s"],
    "spam_filter": ["traffic.spam.bulk.recipients=200", "traffic.mail.bulk.recipients=200"],
    "dns_rare": ["duration=2000s"],
    "tcp_loss": ["traffic.mail.bulk.recipients=30"],
    "backoff": [f"{BULK}=200"],
    "bulk_det": [f"{BULK}=400"],
    "dead_mx": ["traffic.list.bulk.recipients=200"],
    "greylist_awl": ["duration=10d", "warmup=0s"],
    "greylist_postfix": ["duration=2h"],
    "greylist_timetables": [],
    "outage_drain": ["traffic.mail.arrivals={every: 30s}"],
    "postfix_growth": [],
    "postfix_schedule_phase81": [],
    # The retries of a day are those of the first hour.
    "slowing_down": ["duration=25min"],
    "queue_growth": ["duration=25min"],
    "ip_warmup": ["duration=3d"],
    "dead_exchanger": ["duration=2min"],
    "giving_up": ["duration=1d"],
    "retry_wave": ["duration=3h"],
    "sixteen_a_second": ["traffic.news.bulk.recipients=200"],
    "password_reset": ["duration=20s"],
    "processes": ["duration=3min"],
    "relay_chain": ["traffic.mailing.bulk.recipients=100"],
}


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(EXPERIMENTS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_wire_gives_identical_rows(path: Path) -> None:
    sets = SHORTER.get(path.stem, SHORTER.get(path.parent.name, []))
    tables = []
    for fidelity in ("flights", "wire"):
        scenario = load_scenario(path, [*sets, f"fidelity={fidelity}"])
        log = Log(with_events=scenario.record.events)
        simulate(scenario, scenario.seed, log)
        tables.append(log.tables())
    flights, wire = tables
    assert flights["deliveries"].num_rows > 0
    for name, table in flights.items():
        assert table.equals(wire[name]), name


@pytest.mark.parametrize("cv", ["0.5", "3"])
def test_ties_come_out_the_same(tmp_path: Path, cv: str) -> None:
    """Equal times everywhere: no latency, one slot, everybody at once, random service."""
    text = (EXPERIMENTS.parent / "bench" / "dialogue.yaml").read_text(encoding="utf-8")
    text = text.replace("latency: 5ms", "latency: 0s")
    text = text.replace(
        "service_time: 1ms",
        f"service_time: {{lognormal: {{mean: 10ms, cv: {cv}}}}},"
        " postfix: {default_process_limit: 2}, backlog: 3",
    )
    path = tmp_path / "ties.yaml"
    path.write_text(text, encoding="utf-8")
    runs = []
    for fidelity in ("flights", "wire"):
        sets = [f"fidelity={fidelity}", "traffic.test.bulk.recipients=300"]
        scenario = load_scenario(path, sets)
        log = Log()
        simulate(scenario, 1, log)
        runs.append(log.tables())
    assert all(runs[0][name].equals(runs[1][name]) for name in runs[0])
    assert runs[0]["deliveries"].column("fate").to_pylist().count("refused") > 0
