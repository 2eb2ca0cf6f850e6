"""What is the same for a name server that is silent and for one that fails."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from broken import run

__all__ = ["HOST", "lookups_in_trouble"]

RATE = ("traffic.people.arrivals.poisson=30/min",)
HOST = "ns.example.org"


def lookups_in_trouble(directory: Path, fault: str) -> pd.DataFrame:
    """Let the only name server be in trouble from 500 s to 1300 s, by two faults that overlap.

    Caches keep mail going, then it waits; nothing is lost.  Returns the relay's lookups while
    its cache is empty.
    """
    faults = [
        {fault: HOST, "at": "500s", "for": "10min"},
        {fault: HOST, "at": "700s", "for": "10min"},
    ]
    frames = run(directory, *faults, sets=RATE)
    attempts = frames["attempts"].query("host == 'mx1.example.org'")
    deferred = attempts[attempts["status"] == "deferred"]
    assert len(deferred) > 50
    assert deferred["reply"].str.contains("Name service error for name=example.net").all()
    assert deferred["ended_at_s"].between(590, 1330).all(), "the MX lives for 300 s in the cache"
    assert set(attempts[attempts["ended_at_s"] < 590]["status"]) == {"sent"}
    mail = frames["deliveries"]
    assert set(mail["fate"]) <= {"delivered", "queued"}
    early = mail[mail["submitted_at_s"] < 1200]
    assert (early["fate"] == "delivered").mean() > 0.6
    lookups = frames["lookups"].query("host == 'mx1.example.org' and 900 < at_s < 1200")
    assert set(lookups["status"]) == {"SERVFAIL"}
    return lookups
