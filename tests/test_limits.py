"""The limit that binds; the change that is said to help is made, and measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.analysis import Finding
from mailsim.cli import main
from mailsim.errors import ConfigError
from mailsim.results import Run

ROOT = Path(__file__).parents[1]
FIRST = ROOT / "experiments" / "first_mail.yaml"
DEAD = ROOT / "experiments" / "theory" / "dead_mx.yaml"
SHAPED = ROOT / "experiments" / "theory" / "token_batch.yaml"
SIXTEEN = ROOT / "experiments" / "sixteen_a_second.yaml"
SLOWING = ROOT / "experiments" / "slowing_down.yaml"
RELAY = "hosts.relay.example.org.postfix"
BULK = (
    "record.events=false",
    "duration=5min",
    (
        "traffic={hello: {from: alice@example.org, to: bob@example.net, size: 4 kB,"
        " bulk: {recipients: 60}}}"
    ),
)
NOW_AND_THEN = ("record.events=false", "duration=20min", "traffic.hello.arrivals={every: 20s}")


def changed(path: Path, *sets: str, host: str | None = None) -> tuple[Finding, Run, Run]:
    """Return the limit, the run, and a run with the change."""
    before = ms.load(path, *sets).run()
    finding = before.limit(host)
    assert finding.change.sets
    return finding, before, ms.load(path, *sets, *finding.change.sets).run()


def seconds_to_finish(run: Run) -> float:
    return float(run.deliveries["ended_at_s"].max() - run.deliveries["submitted_at_s"].min())


def mean_delay(run: Run) -> float:
    return run.measure("mean(delay)")


def test_25_connections_of_2_a_second_each_send_16() -> None:
    """Ten round trips of 154 ms a message: 25 / 1.56 s = 16 a second (Little's law), not 50.

    Seven of them are for a new connection: TCP, greeting, EHLO, STARTTLS, TLS, EHLO, AUTH.
    """
    finding, before, after = changed(SIXTEEN)
    assert (finding.limit, finding.host) == ("round trips per connection", "list.example.org")
    assert 1000 / seconds_to_finish(before) == pytest.approx(16, abs=0.5)
    assert (
        "25 connections were busy of 25 (100%): 16.1 a second x 1.56 s = 25 by Little's law."
        in finding.evidence[1]
    )
    assert finding.change.sets == ("hosts.list.example.org.clients.messages_per_connection=100",)
    # With 100 messages in each connection it is 3.2 times as fast: as fast as mail falls due.
    assert finding.change.factor == pytest.approx(3.2, abs=0.05)
    assert 1000 / seconds_to_finish(after) == pytest.approx(50, rel=0.1)


@pytest.mark.parametrize(
    ("limit", "key"),
    [
        ("destination concurrency", "default_destination_concurrency_limit"),
        ("delivery agents", "default_process_limit"),
    ],
)
def test_too_few_deliveries_at_a_time(limit: str, key: str) -> None:
    finding, before, after = changed(FIRST, *BULK, f"{RELAY}.{key}=2")
    assert (finding.limit, finding.host) == (limit, "relay.example.org")
    assert finding.change.sets == (f"{RELAY}.{key}=4",)
    assert "(100%)" in finding.evidence[1]
    assert finding.change.factor == 2
    assert 1.7 < seconds_to_finish(before) / seconds_to_finish(after) <= 2


def test_too_few_connections() -> None:
    sets = (*BULK, "hosts.office.example.org.clients.connections=1")
    finding, before, after = changed(FIRST, *sets, host="office.example.org")
    assert (finding.limit, finding.host) == ("connections", "office.example.org")
    assert finding.change.sets == ("hosts.office.example.org.clients.connections=2",)
    assert 1.3 < seconds_to_finish(before) / seconds_to_finish(after) <= 2


def test_too_few_worker_slots(tmp_path: Path) -> None:
    """M/M/1 becomes M/M/2 at half the load: mail waits a tenth as long."""
    path = queue_file(tmp_path)
    for host in (None, "mx.example.org"):
        finding, before, after = changed(path, host=host)
        assert (finding.limit, finding.host) == ("worker slots", "mx.example.org")
    busy = before.measure("mean(queue_depth, host=mx.example.org, queue=busy:25)")
    assert f"Of 1 slots of mx.example.org:25 {busy:.0%} are busy" in finding.evidence[1]
    assert after.sessions["wait_s"].mean() < 0.2 * before.sessions["wait_s"].mean()


def test_a_receiver_that_takes_20_a_second() -> None:
    sets = ("traffic.news.bulk.rate=30/s", "traffic.news.bulk.recipients=400", "duration=1h")
    finding, before, after = changed(SLOWING, *sets)
    assert (finding.limit, finding.host) == ("receiver's rate", "mx.bigmail.example")
    assert "took 20" in finding.evidence[2]
    assert finding.change.sets == ("traffic.news.bulk.rate=19/s",)
    assert seconds_to_finish(after) < 25 < 5 * 60 < seconds_to_finish(before)


@pytest.mark.parametrize(
    ("limit", "sets", "ratio"),
    [
        ("disk", ("hosts.mx.example.net.service_time=3s",), 4.02 / 2.52),
        ("link", ("traffic.hello.size=1 MB", "links.1.bandwidth=1 Mbit/s"), 9.35 / 5.36),
        ("round trips per connection", (), 1.02 / 0.72),
    ],
)
def test_what_takes_long_though_nothing_waits(
    limit: str, sets: tuple[str, ...], ratio: float
) -> None:
    """Half of the one part is gone: 3 s of service, 8 s of transfer, 600 ms of round trips."""
    finding, before, after = changed(FIRST, *NOW_AND_THEN, *sets)
    assert (finding.limit, finding.host) == (limit, "mx.example.net")
    assert mean_delay(before) / mean_delay(after) == pytest.approx(ratio, rel=0.01)


def test_back_off_behind_a_greylist() -> None:
    grey = "hosts.mx.example.net.policies=[{greylist: {delay: 5min}}]"
    finding, before, after = changed(FIRST, *NOW_AND_THEN, grey)
    assert (finding.limit, finding.host) == ("back-off", "mx.example.net")
    assert finding.change.sets == ("hosts.mx.example.net.policies=[]",)
    assert mean_delay(before) > 60 > 2 > mean_delay(after)


def test_back_off_after_an_outage() -> None:
    fault = "faults=[{host_down: mx.example.net, at: 0s, for: 5min}]"
    finding, before, after = changed(FIRST, *NOW_AND_THEN, fault)
    assert (finding.limit, finding.host) == ("back-off", "relay.example.org")
    assert any("timed out" in line for line in finding.evidence)
    assert mean_delay(after) < 0.8 * mean_delay(before)


def test_a_receiver_that_refuses_connections() -> None:
    """Ten at a time are refused by a server of two slots without a backlog; by one of four less."""
    server = (
        "hosts.mx.example.net.postfix.default_process_limit=2",
        "hosts.mx.example.net.backlog=0",
    )
    finding, before, after = changed(FIRST, *BULK, *server, "hosts.mx.example.net.service_time=1s")
    assert (finding.limit, finding.host) == ("worker slots", "mx.example.net")
    assert "all connections in use" in finding.evidence[1]
    refused = [(run.attempts["status"] == "deferred").sum() for run in (before, after)]
    assert 0 < refused[1] < refused[0]


def test_a_dead_exchanger_takes_up_the_deliveries() -> None:
    """Half of the connections cost 30 s; over those that are open mail gets past them.

    Before the warm-up nothing counts, and at the end nothing that was still under way.
    """
    finding, before, after = changed(
        DEAD, "traffic.list.bulk.recipients=800", "duration=3min", "warmup=30s"
    )
    assert (finding.limit, finding.host) == ("round trips per connection", "out.example.org")
    assert "20 deliveries to example.net were busy of 20 (100%)" in finding.evidence[1]
    assert "connect and TLS" in finding.evidence[2]
    fates = [run.deliveries["fate"].value_counts() for run in (before, after)]
    assert fates[0]["delivered"] < 300 < 800 == fates[1]["delivered"]


def test_a_sender_that_keeps_to_a_rate_of_its_own() -> None:
    finding = ms.load(SHAPED, "duration=2min", "warmup=0s").run().limit("out.example.org")
    assert (finding.limit, finding.host) == ("own rate", "out.example.org")
    assert "default_destination_message_rate=10" in finding.evidence[-1]


def test_in_words() -> None:
    text = ms.load(FIRST, *NOW_AND_THEN, "hosts.mx.example.net.service_time=3s").run().explain()
    assert text.splitlines()[:4] == [
        "The limit at mx.example.net: disk.",
        "81% of the time is server time.",
        "It takes 3 s of an attempt on average, and mail waits for nothing else as long.",
        (
            "What would help most: half the service time at mx.example.net; by Little's law up to "
            "2 times as much."
        ),
    ]
    assert text.splitlines()[4] == "  --set 'hosts.mx.example.net.service_time=1.5 s'"


def test_what_cannot_be_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "first"
    with pytest.raises(SystemExit):
        main(["run", str(FIRST), "-q", "--out", str(out)])
    for words, expected in (
        (
            ["--host", "mx.example.com"],
            ("no host 'mx.example.com' with mail: known are mx.example.net, mx1.example.org, "
            "office.example.org, relay.example.org"),
        ),
        (["--host", "mx.example.net", "--message", "1"],
         "explain: expected a message or a host, got both"),
        (["--recipient", "bob@example.net"],
         "explain: a recipient goes with the number of a message"),
    ):  # fmt: skip
        with pytest.raises(SystemExit) as caught:
            main(["explain", str(out), *words])
        assert caught.value.code == 2
        assert capsys.readouterr().err == f"{expected}\n"
    (tmp_path / "sweep.json").write_text("{}")
    with pytest.raises(SystemExit) as caught:
        main(["explain", str(tmp_path)])
    assert caught.value.code == 2
    assert ": a sweep: expected one of its runs, such as " in capsys.readouterr().err
    with pytest.raises(ConfigError, match="nothing to explain: no attempt ended after the warm-up"):
        ms.load(FIRST, "warmup=30s").run().explain()
