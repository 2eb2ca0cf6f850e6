"""A full disk: 452 at MAIL, and after a content that was under way."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import SCENARIO, run

from mailsim.sim.faults.full_disk import FullDisk

HOST = "mx.example.net"
RATE = ("traffic.people.arrivals.poisson=30/min",)


def test_relays_defer_and_come_back(tmp_path: Path) -> None:
    frames = run(tmp_path, {"full_disk": HOST, "at": "300s", "for": "2min"}, sets=RATE)
    attempts = frames["attempts"]
    deferred = attempts[attempts["status"] == "deferred"]
    assert len(deferred) > 50
    assert set(zip(deferred["code"], deferred["enhanced"], strict=True)) == {(452, "4.3.1")}
    assert deferred["ended_at_s"].between(300, 421).all()
    fates = frames["deliveries"]["fate"].value_counts(normalize=True)
    assert fates["delivered"] > 0.98
    verbs = frames["sessions"].query("server == @HOST and 301 < opened_at_s < 415")["verbs"]
    assert not verbs.str.contains("CONTENT").any()


def test_a_content_under_way_is_not_taken(tmp_path: Path) -> None:
    hosts = {**SCENARIO["hosts"], HOST: {"service_time": "2s"}}
    fault = {"full_disk": HOST, "at": "300s", "for": "10s"}
    frames = run(tmp_path, fault, hosts=hosts, sets=RATE)
    sessions = frames["sessions"].query("server == @HOST and 297 < opened_at_s < 299.8")
    assert sessions["verbs"].str.contains("CONTENT").any()
    mail = frames["deliveries"]
    assert not mail["ended_at_s"].between(300.001, 310).any()
    assert len(frames["duplicates"]) == 0


def test_clients_are_refused(tmp_path: Path) -> None:
    frames = run(tmp_path, {"full_disk": "mx1.example.org", "at": "300s", "for": "60s"}, sets=RATE)
    refused = frames["deliveries"].query("fate == 'refused'")
    assert len(refused) > 15
    assert refused["submitted_at_s"].between(299, 360).all()
    assert refused["reply"].str.startswith("452 4.3.1").all()


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="expected the name of a host, got"):
        FullDisk.from_options({"host": HOST})
