"""The figures of docs/answers.md about mail that comes in crowds come out of the experiments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from answers import ROOT, run, told, tries

import mailsim as ms
from mailsim.analysis.words import duration_text
from mailsim.results import Run

WAITS = [
    ("Postfix's scans", None),
    ("by the message", {}),
    ("jitter 5 %", {"jitter": "5%"}),
    ("jitter 20 %", {"jitter": "20%"}),
]
BACK_S = 7200


def after(done: Run) -> list[float]:
    """Return what came of an outage: a peak, a number, and times in seconds."""
    attempts = tries(done, "out").query("ended_at_s > @BACK_S")
    assert (done.deliveries["fate"] == "delivered").all()
    answered = attempts[attempts["reply"].str.contains("Ok: queued|TSS04")]
    busiest = np.bincount((answered["ended_at_s"] // 60).astype(int)).max()
    ended = done.deliveries.groupby("traffic")["ended_at_s"].max() - BACK_S
    people = done.deliveries.query("traffic == 'people'")["delay_s"].mean()
    refused = (answered["status"] == "deferred").sum()
    return [busiest, refused, ended["mailing"], people]


@pytest.mark.slow
@pytest.mark.parametrize(("how", "waits"), WAITS)
def test_retry_wave(tmp_path: Path, how: str, waits: dict[str, str] | None) -> None:
    retry = None if waits is None else {"first": "5min", "most": "4000s", **waits}
    repeat = 3 if waits else 1  # without jitter all starts are alike
    sweep = ms.load(ROOT / "experiments" / "retry_wave.yaml").sweep(
        grid={"hosts.out.example.org.retry": [retry]}, repeat=repeat, out=tmp_path / "r"
    )
    outcomes = pd.DataFrame([after(sweep.run(0, i)) for i in range(repeat)])
    busiest, refused, mailing_s, people_s = outcomes.mean()
    minutes = [round(seconds / 60) * 60 for seconds in (mailing_s, people_s)]
    told(how, round(busiest), round(refused), *map(duration_text, minutes))
    if not waits:  # all of the mailing at once
        assert busiest >= 200


@pytest.mark.slow
def test_retry_wave_held_back() -> None:
    delay = "hosts.out.example.org.postfix.default_destination_rate_delay=1s"
    busiest, refused, mailing_s, people_s = after(run("retry_wave", delay))
    minutes = [round(seconds / 60) * 60 for seconds in (mailing_s, people_s)]
    told("Postfix's scans, and a rate delay", busiest, refused, *map(duration_text, minutes))
    assert busiest <= 60, "one a second"


MIX = "{bigmail.example: 75%, small.example: 25%}"
WAYS = [
    ("for each", "fifo", "the same", MIX, 2000),
    ("for each", "preemptive", "the same", MIX, 2000),
    ("for all", "fifo", "the same", "news@example.org", 1),
    ("for all", "preemptive", "the same", "news@example.org", 1),
    ("for each", "preemptive", "its own", MIX, 2000),
    ("for each, 20 a second", "fifo", "the same", MIX, 2000),
]


@pytest.mark.slow
@pytest.mark.parametrize(("message", "scheduler", "host", "to", "n"), WAYS)
def test_password_reset(message: str, scheduler: str, host: str, to: str, n: int) -> None:
    slowly = ["traffic.mailing.bulk.rate=20/s"] if "20" in message else []
    mail = run(
        "password_reset",
        *slowly,
        f"traffic.mailing.to={to}",
        f"traffic.mailing.bulk.recipients={n}",
        f"hosts.out.example.org.scheduler={scheduler}",
        f"hosts.shop.example.org.clients.submit_to={'own' if 'own' in host else 'out'}.example.org",
    ).deliveries
    mail = mail[mail["fate"] != "expanded"]
    assert (mail["fate"] == "delivered").all()
    waits = mail.groupby("traffic")["delay_s"]
    mean, most = waits.mean(), waits.max()
    last = mail.query("traffic == 'mailing'")["ended_at_s"].max()
    times = mean["reset"], most["reset"], mean["reset_elsewhere"], last
    told(message, f"`{scheduler}`", host, *(f"{seconds:.1f} s" for seconds in times))
    assert last > 1500 / 20, "a second each, twenty at a time"
