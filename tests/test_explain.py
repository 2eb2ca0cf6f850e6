"""Lives of messages: their parts add up to the delay, and are what the network makes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.analysis.life import Life, life_of, recipients_of
from mailsim.analysis.totals import totals
from mailsim.cli import main
from mailsim.errors import ConfigError
from mailsim.results import Run

ROOT = Path(__file__).parents[1]
DEAD = ROOT / "experiments" / "theory" / "dead_mx.yaml"
FIRST = ROOT / "experiments" / "first_mail.yaml"
MS = 1_000_000


def lives(run: Run) -> list[Life]:
    """Return the lives of all recipients, after looking at their sums."""
    found = []
    for number in run.deliveries["message"].unique():
        rows = recipients_of(run.frames, int(number))
        found += [life_of(run.frames, row) for _, row in rows.iterrows()]
    for life in found:
        assert sum(life.parts.values()) == life.delay_ns
        assert min(life.parts.values()) >= 0
        if life.row["fate"] != "queued":
            assert life.delay_ns == round(life.row["delay_s"] * 1e9)
    return found


def in_ms(life: Life) -> dict[str, float]:
    return {name: round(ns / MS, 1) for name, ns in life.parts.items() if ns}


def test_the_parts_are_those_of_the_network() -> None:
    """Round trips of 20, 20 and 90 ms; 7, 6 and 6 of them before MAIL, one and a half after."""
    (life,) = lives(ms.load(FIRST).run())
    assert in_ms(life) == pytest.approx(
        {
            "DNS": 4 * 20,
            "connect and TLS": 7 * 20 + 6 * 20 + 6 * 90,
            "round trips": 1.5 * (20 + 20 + 90),
            "server time": 3 * 8,
            "transfer": 3 * 2200 * 8 / 100e6 * 1e3,
        },
        abs=1,  # the transmission of commands and replies
    )


def test_a_connection_that_never_was_tells_nothing_of_the_distance() -> None:
    """The SYN-ACK is there after 90 ms, 1.51 s after the start; the ACK is lost for good."""
    fault = "faults=[{link_down: mx.example.net, at: 1520ms, for: 6min}]"
    run = ms.load(FIRST, "duration=20min", fault).run()
    assert run.sessions["arrived_at_s"].isna().sum() == 1
    (life,) = lives(run)
    assert in_ms(life)["round trips"] == pytest.approx(1.5 * (20 + 20 + 90), abs=1)


def test_parts_add_up_whatever_happens() -> None:
    at, mx1 = "hosts.mx.example.net", "hosts.mx1.example.org.postfix"
    relay = "hosts.relay.example.org.postfix"
    news = "{from: alice@example.org, to: example.net, recipients_per_message: 3, invalid: 30%, "
    alias = "{from: alice@example.org, to: all@example.net, arrivals: {once: 17min}, size: 2 kB}"
    run = ms.load(
        FIRST, "duration=20min", f"{at}.mailboxes=['user*']", f"{at}.service_time=300ms",
        f"{at}.policies=[{{greylist: {{delay: 5min}}}}]",
        f"{relay}.default_destination_concurrency_limit=1",
        f"{relay}.default_destination_recipient_limit=2",
        f"{mx1}.virtual_alias_maps={{all@example.net: 'user1@example.net, user2@example.net'}}",
        f"traffic={{hello: {news}size: 60 kB, bulk: {{recipients: 30}}}}, alias: {alias}}}",
        "hosts.office.example.org.clients.connections=2",
    ).run()  # fmt: skip
    found = lives(run)
    fates = {life.row["fate"] for life in found}
    assert {"delivered", "bounced", "queued", "expanded"} <= fates
    spent = {name for life in found for name, ns in life.parts.items() if ns}
    assert spent == {
        "waiting to submit", "queue", "back-off", "DNS", "connect and TLS", "round trips",
        "server time", "transfer",
    }  # fmt: skip
    members = [life for life in found if life.row["recipient"] == "user1@example.net"]
    assert [one.row["host"] for one in members[-1].tries][:2] == [
        "office.example.org",
        "mx1.example.org",
    ], "the life of whom an alias leads to begins with that of the alias"


def test_a_wait_for_a_worker_slot(tmp_path: Path) -> None:
    """On a network without delays there is nothing but the backlog and the service."""
    run = ms.load(queue_file(tmp_path), "duration=5s").run()
    for life in lives(run):
        if life.row["fate"] == "delivered":
            session = run.sessions.set_index("session").loc[life.tries[0].row["session"]]
            assert life.parts["worker slot"] == round(session["wait_s"] * 1e9)
            assert life.parts["server time"] == round(session["service_s"] * 1e9)


def test_service_that_varies_on_a_kept_connection_is_no_transfer(tmp_path: Path) -> None:
    """On a network without delays no message has any transfer, and all the rest is service."""
    many = "{submit_to: mx.example.org, port: 25, tls: none, messages_per_connection: 100}"
    run = ms.load(
        queue_file(tmp_path), f"hosts.clients.example.org.clients={many}",
        "traffic.mail={from: a@example.org, to: example.org, size: 2 kB, bulk: {recipients: 40}}",
    ).run()  # fmt: skip
    assert (run.sessions["messages"] > 3).any()
    done = [life for life in lives(run) if life.row["fate"] == "delivered"]
    assert len({life.parts["server time"] for life in done}) > 3
    assert all(life.parts["transfer"] < MS for life in done)
    served = run.sessions["service_s"].sum()
    assert totals(run.frames)["transfer"].sum() < 0.001 * served


def test_a_message_that_waits_when_the_run_ends() -> None:
    run = ms.load(
        FIRST, "duration=10min", "hosts.mx.example.net.policies=[{greylist: {delay: 1d}}]"
    ).run()
    text = run.explain(1)
    assert "and was put off after 90 ms: 450 4.7.1 <bob@example.net>" in text
    assert "had been waiting at relay.example.org for 9 min 58 s (back-off)" in text


def test_a_server_that_is_dead_is_tried_in_vain() -> None:
    """One of two equal exchangers costs the time-out of 30 s, the other six ways of 2 ms."""
    run = ms.load(DEAD, "traffic.list.bulk.recipients=100", "duration=10min", "warmup=0s").run()
    last = [life.tries[-1].parts for life in lives(run)]
    connects = {round(one["connect and TLS"] / MS) for one in last}
    assert connects == {6 * 2, 30_000 + 6 * 2}
    # The first twenty ask for MX, then half of them for one address and half for the other.
    assert {round(one.get("DNS", 0) / MS) for one in last} == {0, 2 * 4}


def test_what_a_transport_map_throws_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = 'hosts.mx1.example.org.route={example.net: "discard:2.0.0 not today"}'
    ms.load(FIRST, only).run(out=tmp_path)
    with pytest.raises(SystemExit):
        main(["explain", str(tmp_path), "--message", "1"])
    said = capsys.readouterr().out
    assert "mx1.example.org threw it away: 2.0.0 not today." in said
    assert "It was discarded at mx1.example.org, " in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--message", "2"], "no message 2: expected 1 to 1"),
        (["--message", "1", "--recipient", "eve@example.net"],
         "message 1 is not for 'eve@example.net': it is for bob@example.net"),
    ],
)  # fmt: skip
def test_what_is_not_there(
    words: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "first"
    for command in (["run", str(FIRST), "-q", "--out", str(out)], ["explain", str(out), *words]):
        with pytest.raises(SystemExit) as caught:
            main(command)
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"{expected}\n"


def test_no_run_and_no_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["explain", str(tmp_path), "--message", "1"])
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"{tmp_path}: no mailsim run (it has no run.json)\n"
    with pytest.raises(ConfigError, match="message: expected its number, got '1'"):
        ms.load(FIRST).run().explain("1")  # type: ignore[arg-type]
