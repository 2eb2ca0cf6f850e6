"""Policies in a run: limits per client, tables, tarpits; both fidelities."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.results import Run

SCENARIO = """
mailsim: 1
duration: 10min
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


def at_mx(run: Run) -> dict[str, int]:
    attempts = run.attempts[run.attempts["host"] == "out.example.org"]
    return dict(attempts["reply"].str.slice(0, 60).value_counts())


def test_connections_at_a_time(scenario: Path) -> None:
    limit = f"{MX}.policies=[{{anvil: {{smtpd_client_connection_count_limit: 3}}}}]"
    run = both(scenario, limit)
    assert (
        run.frames["queues"].query("host == 'mx.example.net' and queue == 'busy:25'")["depth"].max()
        > 3
    ), "who is refused has a slot until it is told"
    refused = run.sessions[run.sessions["outcome"].str.startswith("421")]
    assert set(refused["outcome"]) == {"421 4.7.0 Error: too many connections from 192.0.2.25"}
    assert len(run.deliveries.query("fate == 'delivered'")) == 20, "the rest came later"


def test_recipients_in_a_while(scenario: Path) -> None:
    limit = f"{MX}.policies=[{{anvil: {{smtpd_client_recipient_rate_limit: 5}}}}]"
    run = both(scenario, limit)
    counts = at_mx(run)
    assert counts["450 4.7.1 Error: too many recipients from 192.0.2.25"] == 15 + 10
    assert len(run.deliveries.query("fate == 'delivered'")) == 15, "5 in each of three attempts"


def test_a_table_and_a_tarpit(scenario: Path) -> None:
    policies = (
        f"{MX}.policies=[{{tarpit: {{delay: 7s, stage: mail}}}}, "
        "{access: {recipient: {user1@example.net: REJECT, example.net: OK}}}, "
        "{greylist: {delay: 1h}}]"
    )
    run = both(scenario, policies)
    fates = run.deliveries[run.deliveries["traffic"] == "hello"]["fate"].value_counts()
    assert set(fates.index) <= {"delivered", "bounced"}, "OK spares them the greylist"
    attempts = run.attempts[run.attempts["host"] == "out.example.org"]
    assert attempts["d_s"].min() > 7
