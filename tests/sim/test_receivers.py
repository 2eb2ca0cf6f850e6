"""Receivers in a run: what a sender is told, and what the tables say of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.results import Run

SCENARIO = """\
mailsim: 1
duration: 1h
zones:
  example.org: "@ 60 IN MX 10 mx1\\nmx1 60 IN A 192.0.2.25"
  example.net: "@ 60 IN MX 10 mx\\nmx 60 IN A 198.51.100.25"
hosts:
  list.example.org: {clients: {submit_to: mx1.example.org, port: 25}}
  mx1.example.org: {policies: [{relay_control: {from: [list.example.org]}}]}
  mx.example.net: {service_time: 100ms}
  ns.example.org: {dns: [example.org, example.net]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic: {news: {from: a@example.org, to: example.net, bulk: {recipients: 60}, size: 2 kB}}
"""
MX = "hosts.mx.example.net"
FEW = "traffic.news.bulk.recipients=12"


def run(tmp_path: Path, *sets: str) -> Run:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return ms.load(path, *sets).run(seed=1)


def test_a_burst_gets_in_and_the_rest_when_it_is_tried_again(tmp_path: Path) -> None:
    gmail = "{gmail-2026-11: {ip_rate: 12/min, ip_burst: 20}}"
    done = run(tmp_path, f"{MX}.receiver={gmail}")
    attempts = done.attempts[done.attempts["relay"].str.startswith("mx.example.net")]
    refused = attempts[attempts["status"] == "deferred"]
    assert set(refused["code"]) == {421}
    assert set(refused["enhanced"]) == {"4.7.28"}
    first = attempts[attempts["delay_s"] < 60]
    assert (first["status"] == "sent").sum() == 20
    assert (done.deliveries["fate"] == "delivered").all()
    assert len(refused) == 40 + 20, "a burst gets in at each queue run"


def test_rates_are_judged_on_the_whole_message(tmp_path: Path) -> None:
    """A refusal after the message costs as many octets as one that is taken."""
    gmail = "{gmail-2026-11: {ip_rate: 1/h, ip_burst: 1}}"
    done = run(tmp_path, f"{MX}.receiver={gmail}", "duration=1min")
    sessions = done.sessions[done.sessions["server"] == "mx.example.net"]
    assert (sessions["sent_bytes"] > 2000).all()
    assert sessions["verbs"].str.contains("CONTENT=").all()


def test_connections_at_a_time(tmp_path: Path) -> None:
    done = run(tmp_path, f"{MX}.receiver=self-hosted", "duration=1min")
    sessions = done.sessions[done.sessions["server"] == "mx.example.net"]
    refused = sessions["outcome"].str.startswith("421 4.7.0 Error: too many connections")
    assert 0 < refused.sum() < len(sessions)
    events = [(t, 1) for t in sessions["accepted_at_s"][~refused]]
    events += [(t, -1) for t in sessions["released_at_s"][~refused]]
    n = most = 0
    for _, change in sorted(events):
        n += change
        most = max(most, n)
    assert most == 5


@pytest.mark.parametrize("fidelity", ["flights", "wire"])
def test_messages_in_a_connection(tmp_path: Path, fidelity: str) -> None:
    sets = (f"{MX}.receiver=mailersend", "duration=4min", f"fidelity={fidelity}")
    done = run(tmp_path, *sets, "hosts.mx1.example.org.postfix={default_process_limit: 1}")
    sessions = done.sessions[done.sessions["server"] == "mx.example.net"]
    assert set(sessions["messages"]) == {5}
    refused = done.attempts[done.attempts["status"] == "deferred"]
    assert set(refused["reply"]) == {"4.7.0 Too many messages in this connection"}
    assert len(refused) == 10


def test_a_crash_ends_all_connections(tmp_path: Path) -> None:
    """Five were open when the host went down; they are no more when it is up again."""
    fault = "faults=[{host_down: mx.example.net, at: 300ms, for: 10s}]"
    done = run(tmp_path, f"{MX}.receiver=self-hosted", f"{MX}.service_time=1s", fault, FEW)
    assert (done.deliveries["fate"] == "delivered").all()
    sessions = done.sessions[done.sessions["server"] == "mx.example.net"]
    assert (sessions["outcome"].str.contains("too many connections")).any()
