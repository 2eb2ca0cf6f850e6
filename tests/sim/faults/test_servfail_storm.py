"""A name server in trouble: caches keep mail going, then it waits; nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import run

from mailsim.sim.faults.servfail_storm import ServfailStorm

RATE = ("traffic.people.arrivals.poisson=30/min",)
HOST = "ns.example.org"


def test_caches_keep_mail_going_then_it_waits(tmp_path: Path) -> None:
    """The MX of example.net lives for 300 s in the cache."""
    faults = [
        {"servfail_storm": HOST, "at": "500s", "for": "10min"},
        {"servfail_storm": HOST, "at": "700s", "for": "10min"},  # until 1300 s
    ]
    frames = run(tmp_path, *faults, sets=RATE)
    attempts = frames["attempts"].query("host == 'mx1.example.org'")
    deferred = attempts[attempts["status"] == "deferred"]
    assert len(deferred) > 50
    assert deferred["reply"].str.contains("Name service error for name=example.net").all()
    assert deferred["ended_at_s"].between(590, 1330).all()
    assert set(attempts[attempts["ended_at_s"] < 590]["status"]) == {"sent"}
    lookups = frames["lookups"].query("host == 'mx1.example.org' and 900 < at_s < 1200")
    assert set(lookups["status"]) == {"SERVFAIL"}
    mail = frames["deliveries"]
    assert set(mail["fate"]) <= {"delivered", "queued"}
    early = mail[mail["submitted_at_s"] < 1200]
    assert (early["fate"] == "delivered").mean() > 0.6


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="expected the name of a host, got"):
        ServfailStorm.from_options(["ns"])
