"""Policies in a run: limits per client, tables, tarpits; both fidelities."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.results import Run

SCENARIO = """
mailsim: 1
duration: 11min
zones:
  example.org: "@ 3600 IN MX 10 out\\nout 3600 IN A 192.0.2.25"
  example.net: "@ 300 IN MX 10 mx\\nmx 300 IN A 198.51.100.25"
hosts:
  office.example.org: {clients: {submit_to: out.example.org, port: 25, connections: 8}}
  out.example.org: {policies: [{relay_control: {from: [office.example.org]}}]}
  mx.example.net: {service_time: 1s, policies: []}
  ns.example.org: {dns: [example.org, example.net]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 10ms}]
traffic:
  hello: {from: alice@example.org, to: example.net, bulk: {recipients: 20}}
"""
MX = "hosts.mx.example.net"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "policies.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def both(scenario: Path, *sets: str) -> Run:
    """Run in both fidelities; the rows must be the same."""
    runs = [ms.load(scenario, *sets, f"fidelity={f}").run(seed=1) for f in ("flights", "wire")]
    for table in ("deliveries", "attempts", "sessions", "lookups", "queues"):
        assert runs[0].frames[table].equals(runs[1].frames[table]), table
    return runs[0]


def fates(run: Run) -> dict[str, int]:
    mail = run.deliveries[run.deliveries["traffic"] == "hello"]
    return dict(mail["fate"].value_counts())


def test_connections_at_a_time(scenario: Path) -> None:
    limit = f"{MX}.policies=[{{anvil: {{smtpd_client_connection_count_limit: 3}}}}]"
    run = both(scenario, limit)
    refused = run.sessions[run.sessions["outcome"].str.startswith("421")]
    assert set(refused["outcome"]) == {"421 4.7.0 Error: too many connections from 192.0.2.25"}
    assert fates(run) == {"delivered": 6, "queued": 14}, "three of each of two attempts at once"


def test_recipients_in_a_while(scenario: Path) -> None:
    limit = f"{MX}.policies=[{{anvil: {{smtpd_client_recipient_rate_limit: 5}}}}]"
    run = both(scenario, limit)
    refused = run.attempts[run.attempts["code"] == 450]
    assert set(refused["reply"]) == {"4.7.1 Error: too many recipients from 192.0.2.25"}
    assert fates(run) == {"delivered": 10, "queued": 10}, "five of each of two attempts"


def test_a_table_and_a_tarpit(scenario: Path) -> None:
    policies = (
        f"{MX}.policies=[{{tarpit: {{delay: 7s, stage: mail}}}}, "
        "{access: {recipient: {user1@example.net: REJECT, example.net: OK}}}, "
        "{greylist: {delay: 1h}}]"
    )
    run = both(scenario, policies)
    assert set(fates(run)) <= {"delivered", "bounced"}, "OK spares them the greylist"
    attempts = run.attempts[run.attempts["host"] == "out.example.org"]
    assert attempts["d_s"].min() > 7
