"""The figures of docs/answers.md about how much there must be come out of the experiments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from answers import ROOT, percent, run, told, tries
from scipy import stats

import mailsim as ms
from mailsim.analysis.words import duration_text

LOAD, HOLD_S, PER_S = 9.0, 3.0, 3.0
REPEAT = 5


def erlang_c(n: int) -> float:
    """Return the share of sessions that wait for one of ``n`` processes (Erlang 1917)."""
    blocked = 1.0
    for i in range(1, n + 1):
        blocked = LOAD * blocked / (i + LOAD * blocked)
    return blocked / (1 - LOAD / n * (1 - blocked))


@pytest.mark.slow
@pytest.mark.parametrize("n", [8, 10, 12, 15])
def test_processes(tmp_path: Path, n: int) -> None:
    path = "hosts.mx.example.org.postfix.default_process_limit"
    exp = ms.load(ROOT / "experiments" / "processes.yaml")
    sweep = exp.sweep(grid={path: [n]}, out=tmp_path / "r")
    waits = []
    for i in range(REPEAT):
        sessions = sweep.run(0, i).sessions.query("arrived_at_s > 120")
        assert (sessions["released_at_s"] - sessions["accepted_at_s"]).mean() == pytest.approx(
            HOLD_S, rel=0.1
        )
        waits.append([(sessions["wait_s"] > 0).mean(), sessions["wait_s"].mean()])
    shares, means_s = np.array(waits).T
    summary = sweep.summary.set_index("metric")["mean"]
    theory = ["", ""]
    if n > LOAD:
        share = erlang_c(n)
        mean_s = share / (n / HOLD_S - PER_S)
        theory = [percent(share), f"{mean_s:.2f} s"]
        for values, expected in ((shares, share), (means_s, mean_s)):
            half = stats.t.ppf(0.995, REPEAT - 1) * stats.sem(values)
            assert abs(values.mean() - expected) < half, (values, expected)
    late = duration_text(round(summary["p95(delay)"]))
    told(n, percent(shares.mean()), theory[0], f"{means_s.mean():.2f} s", theory[1], late)


@pytest.mark.slow
@pytest.mark.parametrize(("most", "verp"), [(1000, "no"), (50, "no"), (10, "no"), (50, "yes")])
def test_verp(most: int, verp: str) -> None:
    host = "hosts.lists.example.org"
    done = run(
        "verp",
        f"{host}.postfix.default_destination_recipient_limit={most}",
        f"{host}.lists.news@example.org.verp={verp}",
    )
    mail = done.deliveries[done.deliveries["fate"] == "delivered"]
    assert len(mail) == len(tries(done, "lists")) == 1000
    out = done.sessions[done.sessions["client"] == "lists.example.org"]
    sent_bytes, deliveries = out["sent_bytes"].sum(), out["messages"].sum()
    last_s = mail["delay_s"].max()
    told(
        "VERP" if verp == "yes" else f"up to {most} recipients",
        deliveries,
        len(out),
        f"{sent_bytes / 1e6:.1f} MB",
        f"{last_s:.1f} s",
    )
    if verp == "yes":
        assert deliveries == 1000
        assert last_s > sent_bytes * 8 / 100e6, "its own link takes so long"


RELAY = "'[head.example.org]'"
WAYS = [
    ("directly", "''", "''", 20),
    ("over a relay", RELAY, "''", 20),
    ("over a relay", RELAY, "''", 100),
    ("over two", RELAY, "'[gateway.example.org]'", 100),
]


@pytest.mark.slow
@pytest.mark.parametrize(("way", "branch", "head", "limit"), WAYS)
def test_relay_chain(way: str, branch: str, head: str, limit: int) -> None:
    parameter = "default_destination_concurrency_limit"
    done = run(
        "relay_chain",
        f"hosts.branch.example.org.postfix.relayhost={branch}",
        f"hosts.head.example.org.postfix.relayhost={head}",
        f"hosts.branch.example.org.postfix.{parameter}={limit}",
        f"hosts.head.example.org.postfix.{parameter}={limit if way == 'over two' else 20}",
    )
    assert (done.deliveries["fate"] == "delivered").all()
    waits = done.deliveries.groupby("traffic")["delay_s"]
    mean, last = waits.mean(), waits.max()
    carried = done.sessions.query("client == 'branch.example.org'")["sent_bytes"].sum()
    times = mean["single"], last["mailing"], last["circular"]
    told(way, limit, *(f"{seconds:.2f} s" for seconds in times), f"{carried / 1e6:.1f} MB")
    copies = 10 if way == "directly" else 1
    assert carried == pytest.approx(460 * 20e3 + copies * 1e6, rel=0.05)
