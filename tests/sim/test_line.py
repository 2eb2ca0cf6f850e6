"""Rough paths in whole runs: jitter, loss, sharing, and connections that never come about."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.experiment.check import load_scenario
from mailsim.experiment.runner import simulate
from mailsim.record.log import Log
from mailsim.sim.rough import Rough, rough_of

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
FIRST = EXPERIMENTS / "first_mail.yaml"
BULK = EXPERIMENTS / "theory" / "smtp_rtts.yaml"
ROUGH = {
    "jitter": "links.0.jitter=3ms",
    "loss": "links.0.loss=5%",
    "shared": "links.0.shared=true",
}
MANY = ("traffic.mail.bulk.recipients=200", "hosts.office.example.org.clients.connections=7")


def test_a_path_is_plain_unless_a_link_is_not() -> None:
    plain = {"latency_ns": 5, "bandwidth_bit_s": 10, "loss": 0.0, "jitter_ns": 0}
    assert rough_of("abc", [plain, plain]) is None
    assert rough_of("abc", [plain, {**plain, "is_shared": True, "bandwidth_bit_s": 0}]) is None
    loss, *rest = rough_of("abcd", [
        {**plain, "loss": 0.5},
        {**plain, "jitter_ns": 2, "bandwidth_bit_s": 7},
        {**plain, "is_shared": True, "loss": 0.5},
    ]) or Rough(0, (), (), 0)  # fmt: skip
    assert loss == 0.75
    assert rest == [((5, 2),), ((("c", "d"), 10),), 7]


@pytest.mark.parametrize("what", [*ROUGH, "all"])
def test_wire_gives_identical_rows(what: str) -> None:
    sets = [*MANY, "links.0.bandwidth=1 Mbit/s", "traffic.mail.size=40 kB"]
    sets += ROUGH.values() if what == "all" else [ROUGH[what]]
    sets += ["hosts.office.example.org.clients.tls=encrypt", "duration=30min", "dns.attempts=9"]
    tables = []
    for fidelity in ("flights", "wire"):
        scenario = load_scenario(BULK, [*sets, f"fidelity={fidelity}"])
        log = Log(with_events=True)
        simulate(scenario, 1, log)
        tables.append(log.tables())
    for name, table in tables[0].items():
        assert table.equals(tables[1][name]), name
    assert set(tables[0]["deliveries"].column("fate").to_pylist()) == {"delivered"}


def test_jitter_is_uniform_around_the_latency() -> None:
    """Two links of 12.5 ms, each 3 ms more or less: from 19 to 31 ms, 25 on average."""
    events = ms.load(BULK, *MANY, ROUGH["jitter"]).run().events
    sent = events[events["side"] != "-"]
    delay = sent["arrives_at_s"] - sent["at_s"]
    assert len(delay) > 1000
    assert 0.019 <= delay.min() < 0.0205
    assert 0.0295 < delay.max() <= 0.031
    assert delay.mean() == pytest.approx(0.025, abs=4 * 0.003 * (2 / 3 / len(delay)) ** 0.5 * 2)


def test_a_lost_command_is_sent_again_after_a_second() -> None:
    sessions = (
        ms.load(BULK, *MANY, ROUGH["loss"], "duration=30min", "dns.attempts=9").run().sessions
    )
    plain = ms.load(BULK, *MANY).run().sessions
    took = (sessions["released_at_s"] - sessions["opened_at_s"]).max()
    assert took > (plain["released_at_s"] - plain["opened_at_s"]).max() + 1


def test_flows_that_share_a_link_slow_each_other_down() -> None:
    sets = (*MANY, "links.0.bandwidth=1 Mbit/s", "traffic.mail.size=40 kB", "duration=5min")
    alone = ms.load(BULK, *sets).run().attempts["ended_at_s"].max()
    shared = ms.load(BULK, *sets, ROUGH["shared"]).run()
    end = shared.attempts["ended_at_s"].max()
    assert end > 1 + 200 * 40_000 * 8 / 1e6, "at most 1 Mbit/s for all of them"
    assert alone < 1 + (end - 1) / 4, "seven connections with 1 Mbit/s each"


@pytest.mark.parametrize("timeout", ["5s", "30s"])
def test_no_connection_where_nearly_all_is_lost(timeout: str) -> None:
    """SYNs after 0, 1, 3, 7, 15 s; the relay gives up in time and defers, session or none."""
    postfix = "hosts.mx1.example.org.postfix"
    run = ms.load(
        FIRST,
        "links.1.loss=99.9%",
        "links.1.between=[ix, relay.example.org]",
        f"{postfix}.smtp_connect_timeout={timeout}",
        f"{postfix}.minimal_backoff_time=10s",
        f"{postfix}.queue_run_delay=10s",
    ).run()
    tries = run.attempts[run.attempts["host"] == "mx1.example.org"]
    assert set(tries["status"]) == {"deferred"}
    assert tries["session"].isna().all()
    text = "connect to relay.example.org[192.0.2.26]:25: Connection timed out"
    assert tries["reply"].str.contains(text, regex=False).all()
    assert tries["c_s"].iloc[0] == pytest.approx(float(timeout[:-1]), abs=0.1)
    assert all(later - one > 10 for one, later in pairwise(tries["ended_at_s"]))
    assert len(run.sessions) == 1


def test_a_client_that_cannot_connect_tells_so_after_two_minutes() -> None:
    """Six retries of a SYN, as Linux does: 127 s (``net.ipv4.tcp_syn_retries``)."""
    run = ms.load(
        FIRST,
        "links.1.loss=99.9%",
        "links.1.between=[ix, mx1.example.org]",
        "duration=3min",
    ).run()
    (attempt,) = run.attempts.to_dict("records")
    assert attempt["status"] == "refused"
    assert attempt["delay_s"] == pytest.approx(127, abs=0.1)
    assert "Connection timed out" in attempt["reply"]
    assert len(run.sessions) == 0
