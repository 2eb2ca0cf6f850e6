"""The figures of docs/answers.md come out of the experiments, and agree with theory."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from answers import ANSWERS, percent, run, told, tries

from mailsim.analysis.words import duration_text

OUT = "hosts.out.example.org"
GMAIL = "hosts.mx.bigmail.example.receiver.gmail-2026-11"
DELAY = f"{OUT}.postfix.default_destination_rate_delay=40ms"
HASTE = [
    ("20 a second", 20, []),
    ("22 a second", 22, []),
    ("25 a second", 25, []),
    ("40 a second", 40, []),
    ("100 a second, and `default_destination_rate_delay: 40ms`", 0, [DELAY]),
    ("22 a second, and whoever is refused is for ten minutes", 0, [f"{GMAIL}.cool_down=10min"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("how", "rate", "sets"), HASTE, ids=lambda value: str(value))
def test_slowing_down(how: str, rate: int, sets: list[str]) -> None:
    preemptive = [f"{OUT}.scheduler=preemptive"] if DELAY in sets else []
    asked = f"traffic.news.bulk.rate={how.split()[0]}/s"
    done = run("slowing_down", asked, *preemptive, *sets)
    attempts = tries(done, "out")
    assert len(attempts.drop_duplicates("message")) == 1500
    deferred = float((attempts.drop_duplicates("message")["status"] == "deferred").mean())
    last = done.deliveries["ended_at_s"].max()
    assert (done.deliveries["fate"] == "delivered").all()
    told(how, percent(deferred), f"{len(attempts) / 1500:.2f}", duration_text(last))
    if rate:  # the bucket's tokens at first, and those that come meanwhile
        assert deferred == pytest.approx(1 - min(1500, 100 + 20 * 1500 / rate) / 1500, abs=0.005)


@pytest.mark.slow
def test_connections() -> None:
    done = run("connections")
    mail, sessions = done.deliveries, done.sessions["client"].value_counts()
    rates = {}
    for name, rows in mail.groupby("traffic"):
        taken = rows[rows["fate"] == "delivered"]
        rates[name] = len(taken) / taken["ended_at_s"].max()
    for c in (1, 5, 10):
        shown = [f"{rates[f'c{c}-m{m}']:.1f}" for m in (1, 10, 100)]
        counts = [sessions[f"c{c}-m{m}.example.org"] for m in (1, 10, 100)]
        told(c, *(f"{rate}/s ({n})" for rate, n in zip(shown, counts, strict=True)))
    refused = (mail[mail["traffic"] == "c20-m100"]["fate"] == "refused").sum()
    assert f"With twenty connections {refused} of its 150 messages are refused" in ANSWERS
    # Each of 150, 15 and 2 connections takes a time to set up, each message another.
    slow_s, middle_s, quick_s = (150 / rates[f"c1-m{m}"] for m in (1, 10, 100))
    set_up_s = (slow_s - quick_s) / 148
    assert middle_s == pytest.approx(quick_s + 13 * set_up_s, rel=0.01)
    for m in (1, 10, 100):
        assert rates[f"c5-m{m}"] == pytest.approx(5 * rates[f"c1-m{m}"], rel=0.1)


@pytest.mark.slow
def test_queue_growth() -> None:
    done = run("queue_growth")
    assert (done.deliveries["fate"] == "delivered").all()
    last = done.deliveries.groupby("traffic")["ended_at_s"].max()
    queues = done.queues
    for who, host, queue, theory in (
        ("refuses", "a", "deferred", 300 - 30),
        ("is slow", "b", "active", 300 + 5),
    ):
        own = queues[(queues["host"] == f"{host}.example.org") & (queues["queue"] == queue)]
        most = own[own["at_s"] <= 150]["depth"].max()
        attempts = len(tries(done, host)) / 750
        ended = last["strict" if host == "a" else "slow"]
        told(who, queue, most, f"{attempts:.1f}", duration_text(ended))
        assert most == pytest.approx(theory, rel=0.02)
    assert last["slow"] == pytest.approx(750 / 3, rel=0.02)


PLAN = (20, 40, 80, 160, 320)
EAGER = [f"traffic.day{day}.bulk.recipients=320" for day in range(1, 6)]
ALONE = [f"traffic.old{day}.bulk.recipients=1" for day in range(1, 5)]
WARMUPS = [
    ("the plan, complaints 0.05 %", []),
    ("the plan, complaints 0.2 %", [f"{GMAIL}.complaints=0.2%"]),
    ("the plan, complaints 0.5 %", [f"{GMAIL}.complaints=0.5%"]),
    ("all 320 a day over the new address", [*EAGER, *ALONE]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("how", "sets"), WARMUPS, ids=lambda value: str(value))
def test_ip_warmup(how: str, sets: list[str]) -> None:
    attempts = tries(run("ip_warmup", *sets), "new")
    sent = attempts[attempts["status"] == "sent"]
    taken = np.bincount((sent["ended_at_s"] // 86_400).astype(int), minlength=5)
    told(how, *taken, attempts["message"].nunique() - len(sent))
    if "0.05" in how:
        assert tuple(taken) == PLAN
        shares = [percent(1 - n / 320) for n in PLAN]
        told("share of the old address", *shares, "")


CAMPAIGNS = [
    (3, []),
    (2, ["b={recipients: 999, rate: 139/s}", "a={recipients: 1000, rate: 139/s}"]),
    (1, ["b={recipients: 1}", "a={recipients: 1998, rate: 278/s}"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("n", "bulks"), CAMPAIGNS)
def test_campaign_deadline(n: int, bulks: list[str]) -> None:
    sets = [f"traffic.{bulk[0]}.bulk={bulk[2:]}" for bulk in bulks]
    done = run("campaign_deadline", *sets, *(["traffic.c.bulk={recipients: 1}"] if sets else []))
    mail, sessions = done.deliveries, done.sessions
    assert (mail["fate"] == "delivered").all()
    assert len(mail) == 2000
    in_time = float((mail["ended_at_s"] <= 7.2 + 0.4).mean())  # what is on its way is not scaled
    attempts = tries(done, "a")
    deferred = float((attempts.drop_duplicates("message")["status"] == "deferred").mean())
    own = sessions[(sessions["client"] == "a.example.org")]
    most = max(_most(rows) for _, rows in own.groupby("server"))
    hours = duration_text(round(500 * mail["ended_at_s"].max() / 60) * 60)
    told(n, percent(in_time), percent(deferred), most, hours)


def _most(sessions: pd.DataFrame) -> int:
    """Return the most connections there were at a time."""
    times = np.concatenate([sessions["arrived_at_s"], sessions["released_at_s"]])
    changes = np.repeat([1, -1], len(sessions))
    return int(np.cumsum(changes[np.lexsort((changes, times))]).max())
