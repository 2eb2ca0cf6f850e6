"""Policies in a run: limits per client, tables, tarpits; both fidelities."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.results import Run

SCENARIO = """
mailsim: 1
duration: 11min
zones:
  example.org: "@ 3600 IN MX 10 out\\nout 3600 IN A 192.0.2.25"
  example.net: "@ 300 IN MX 10 mx\\nmx 300 IN A 198.51.100.25"
  spam.example: "@ 60 IN MX 10 out.example.org."
hosts:
  office.example.org: {clients: {submit_to: out.example.org, port: 25, connections: 8}}
  out.example.org: {policies: [{relay_control: {from: [office.example.org]}}]}
  mx.example.net: {service_time: 1s, policies: []}
  ns.example.org: {dns: [example.org, example.net, spam.example]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 10ms}]
traffic:
  hello: {from: alice@example.org, to: example.net, bulk: {recipients: 20}}
"""
MX = "hosts.mx.example.net"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "policies.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def both(scenario: Path, *sets: str) -> Run:
    """Run in both fidelities; the rows must be the same."""
    runs = [ms.load(scenario, *sets, f"fidelity={f}").run(seed=1) for f in ("flights", "wire")]
    for table in ("deliveries", "attempts", "sessions", "lookups", "queues"):
        assert runs[0].frames[table].equals(runs[1].frames[table]), table
    return runs[0]


def fates(run: Run) -> dict[str, int]:
    mail = run.deliveries[run.deliveries["traffic"] == "hello"]
    return dict(mail["fate"].value_counts())


def test_connections_at_a_time(scenario: Path) -> None:
    limit = f"{MX}.policies=[{{anvil: {{smtpd_client_connection_count_limit: 3}}}}]"
    run = both(scenario, limit)
    refused = run.sessions[run.sessions["outcome"].str.startswith("421")]
    assert set(refused["outcome"]) == {"421 4.7.0 Error: too many connections from 192.0.2.25"}
    assert fates(run) == {"delivered": 6, "queued": 14}, "three of each of two attempts at once"


def test_recipients_in_a_while(scenario: Path) -> None:
    limit = f"{MX}.policies=[{{anvil: {{smtpd_client_recipient_rate_limit: 5}}}}]"
    run = both(scenario, limit)
    refused = run.attempts[run.attempts["code"] == 450]
    assert set(refused["reply"]) == {"4.7.1 Error: too many recipients from 192.0.2.25"}
    assert fates(run) == {"delivered": 10, "queued": 10}, "five of each of two attempts"


def test_a_table_and_a_tarpit(scenario: Path) -> None:
    policies = (
        f"{MX}.policies=[{{tarpit: {{delay: 7s, stage: mail}}}}, "
        "{access: {recipient: {user1@example.net: REJECT, example.net: OK}}}, "
        "{greylist: {delay: 1h}}]"
    )
    run = both(scenario, policies)
    assert set(fates(run)) <= {"delivered", "bounced"}, "OK spares them the greylist"
    attempts = run.attempts[run.attempts["host"] == "out.example.org"]
    assert attempts["d_s"].min() > 7


SPAM = (
    "traffic.junk={from: eve@spam.example, to: example.net, bulk: {recipients: 20}, "
    "client: office.example.org}"
)
ALL = "true_positives: 100%, false_positives: 0%, spam: [spam.example]"


def filtered(scenario: Path, options: str) -> Run:
    policies = f"{MX}.policies=[{{content_filter: {{{ALL}, {options}}}}}]"
    return both(scenario, policies, SPAM, f"{MX}.service_time=0s")


def by_traffic(run: Run, traffic: str) -> dict[str, int]:
    return dict(run.deliveries.query("traffic == @traffic")["fate"].value_counts())


def test_a_filter_before_the_queue(scenario: Path) -> None:
    run = filtered(scenario, "service_time: 2s, workers: 1")
    assert fates(run) == {"delivered": 20}
    assert by_traffic(run, "junk") == {"bounced": 20}
    at_mx = run.attempts[run.attempts["host"] == "out.example.org"]
    assert at_mx["ended_at_s"].max() > 40 * 2, "one worker, two seconds each"
    assert at_mx["reply"].str.startswith("5.7.1 Message rejected as spam, score=").sum() == 20


@pytest.mark.parametrize(
    ("action", "fate", "n_reports"), [("reject", "bounced", 20), ("discard", "discarded", 0)]
)
def test_a_filter_after_the_queue(scenario: Path, action: str, fate: str, n_reports: int) -> None:
    run = filtered(scenario, f"service_time: 2s, workers: 1, where: after, action: {action}")
    assert fates(run) == {"delivered": 20}
    assert by_traffic(run, "junk") == {fate: 20}
    assert sum(by_traffic(run, "report").values()) == n_reports
    at_mx = run.attempts[run.attempts["host"] == "out.example.org"]
    assert at_mx["ended_at_s"].max() < 10, "the sender does not wait"
    depth = run.frames["queues"].query("queue == 'filter'")["depth"]
    assert depth.iloc[-1] == 0
    assert depth.max() > 30


def test_what_waits_for_a_filter_is_still_there(scenario: Path) -> None:
    run = filtered(scenario, "workers: 1, where: after, service_time: 1h")
    assert fates(run) == by_traffic(run, "junk") == {"queued": 20}


def test_a_quota(scenario: Path) -> None:
    one = "traffic.hello.to=bob@example.net"
    run = both(scenario, f"{MX}.policies=[{{quota: {{size: 20 kB, action: reject}}}}]", one)
    assert fates(run) == {"delivered": 4, "bounced": 16}, "of 4 kB, and trace lines"


def test_who_cannot_wait_for_the_greeting(scenario: Path) -> None:
    """A spammer that submits to the exchanger itself talks early; the relay waits once."""
    policy = "postscreen: {postscreen_greet_action: enforce, postscreen_greet_banner: wait}"
    direct = "{submit_to: mx.example.net, port: 25, talk_early: true, connections: 1}"
    bot = f"hosts.bot={{clients: {direct}}}"
    junk = SPAM.replace("office.example.org", "bot").replace("20", "3")
    run = both(scenario, f"{MX}.policies=[{{{policy}}}]", bot, junk)
    assert fates(run) == {"delivered": 20}
    assert by_traffic(run, "junk") == {"refused": 3}
    relayed = run.attempts[run.attempts["host"] == "out.example.org"]
    assert 6 < relayed["c_s"].min() < 7
    refused = run.attempts[run.attempts["host"] == "bot"]
    assert set(refused["reply"]) == {"5.5.1 Protocol error"}


VERIFY = "hosts.out.example.org.policies=[{relay_control: {from: [office.example.org]}}, {%s}]"
REJECT = "verify_recipient: {unverified_recipient_reject_code: 550}"


def test_recipients_elsewhere_are_verified(scenario: Path) -> None:
    """A relay asks the exchanger about each recipient once."""
    some = (
        "traffic.hello.to={bob@example.net: 50%, nobody@example.net: 50%}",
        f"{MX}.mailboxes=[bob]",
    )
    run = both(scenario, VERIFY % REJECT, *some)
    assert set(fates(run)) == {"delivered", "refused"}
    submitted = run.attempts[run.attempts["host"] == "office.example.org"]
    refused = submitted[submitted["code"] == 550]
    rejected = "<nobody@example.net>: Recipient address rejected"
    text = f"5.1.1 {rejected}: undeliverable address: 550 5.1.1 {rejected}: User unknown"
    assert set(refused["reply"]) == {text}
    probes = run.sessions.query("client == 'out.example.org' and not verbs.str.contains('DATA')")
    assert len(probes) == 2
    assert set(probes["verbs"]) == {"EHLO=2 STARTTLS=1 MAIL=1 RCPT=1 QUIT=1"}
    assert 3 < submitted["d_s"].max() < 3.2, "until the next poll"
    assert submitted["d_s"].min() < 0.2, "who comes later need not wait"


def test_a_next_hop_that_cannot_be_asked(scenario: Path) -> None:
    run = both(scenario, VERIFY % REJECT, f"{MX}.listen={{587: {{}}}}")
    assert "delivered" not in fates(run)
    reply = run.attempts["reply"].iloc[0]
    assert "unverified address: 450 4.4.1 no host takes mail for it" in reply


FAULT = "faults=[{host_down: mx.example.net, at: %s, for: 10s}]"


@pytest.mark.parametrize(
    ("delay", "at", "reply"),
    [
        ("400s", "9min", "timed out while sending MAIL FROM"),
        ("20s", "10s", "timed out while sending MAIL FROM"),
    ],
    ids=["the client gives up", "the server crashes meanwhile"],
)
def test_a_wait_that_comes_to_nothing(scenario: Path, delay: str, at: str, reply: str) -> None:
    tarpit = f"{MX}.policies=[{{tarpit: {{delay: {delay}, stage: mail}}}}]"
    run = both(scenario, tarpit, FAULT % at, "traffic.hello.bulk.recipients=2")
    first = run.attempts[run.attempts["host"] == "out.example.org"].iloc[0]
    assert reply in first["reply"]
    assert first["d_s"] == pytest.approx(300, abs=0.1)


def test_a_filter_judges_where_the_client_has_given_up(scenario: Path) -> None:
    """The server goes on alone, as with a slow disk, and the message is spam all the same."""
    policies = f"{MX}.policies=[{{content_filter: {{service_time: 1s, {ALL}, action: discard}}}}]"
    gives_up = "hosts.out.example.org.postfix.smtp_data_done_timeout=300s"
    slow = f"{MX}.service_time=301s"
    three = (SPAM.replace("20", "3"), "traffic.hello.bulk.recipients=3")
    run = both(scenario, policies, *three, FAULT % "10min", slow, gives_up)
    assert set(by_traffic(run, "junk")) == {"discarded"}
    assert set(fates(run)) == {"delivered"}
