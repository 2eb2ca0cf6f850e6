"""The journey of one message, and what becomes of mail that cannot be delivered."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms

ROOT = Path(__file__).parents[1]
FIRST = ROOT / "experiments" / "first_mail.yaml"


def test_first_mail_transcript_is_golden() -> None:
    transcript = ms.load(FIRST).run(seed=1).transcript(1)
    golden = Path(__file__).parent / "golden" / "first_mail.txt"
    assert transcript + "\n" == golden.read_text(encoding="utf-8")


def test_every_hop_adds_one_received_line_with_its_protocol() -> None:
    run = ms.load(FIRST).run()
    events = run.events
    last = events[(events["session"] == 3) & (events["side"] == "C")]["text"]
    by = [line.split()[1:4] for line in last if line.startswith("\tby ")]
    assert by == [
        ["relay.example.org", "with", "ESMTPS"],
        ["mx1.example.org", "with", "ESMTPSA"],
    ]
    assert run.deliveries[["fate", "hops", "attempts"]].to_numpy().tolist() == [["delivered", 3, 2]]


def test_the_resolver_asks_over_the_network_and_remembers() -> None:
    run = ms.load(FIRST, "traffic.hello.arrivals={every: 10s}").run()
    lookups = run.lookups
    asked = lookups[(lookups["host"] == "relay.example.org") & (lookups["type"] == "MX")]
    assert asked["answered_by"].tolist() == ["ns.example.org"] + ["cache"] * 5
    assert asked["elapsed_s"].iloc[0] == pytest.approx(0.020, rel=0.01)  # two links there and back
    assert (asked["elapsed_s"].iloc[1:] == 0).all()
    assert asked["ttl_s"].iloc[1] < asked["ttl_s"].iloc[0] == 300


def test_a_permanent_failure_comes_back_as_a_report() -> None:
    run = ms.load(FIRST, "hosts.mx.example.net.mailboxes=[carol]").run()
    fates = run.deliveries.set_index("recipient")
    assert fates.loc["bob@example.net", "fate"] == "bounced"
    assert fates.loc["bob@example.net", "reply"].startswith("550 5.1.1")
    report = fates.loc["alice@example.org"]
    assert (report["fate"], report["traffic"], report["sender"]) == ("delivered", "report", "")
    assert report["host"] == "mx1.example.org"


def test_a_temporary_failure_is_retried_with_back_off_until_it_passes() -> None:
    run = ms.load(
        FIRST,
        "duration=1h",
        "hosts.mx.example.net.policies=[{greylist: {delay: 25min}}]",
    ).run()
    attempts = run.attempts[run.attempts["host"] == "relay.example.org"]
    assert attempts["status"].tolist() == ["deferred", "deferred", "deferred", "sent"]
    # Due at 300 s after the first try, then as long again as the message is old, at whole scans.
    assert (attempts["ended_at_s"] // 300).tolist() == [0, 2, 4, 8]
    assert run.deliveries["fate"].tolist() == ["delivered"]


def test_a_temporary_failure_expires_and_is_reported() -> None:
    run = ms.load(
        FIRST,
        "duration=2h",
        "hosts.mx.example.net.policies=[{greylist: {delay: 1d}}]",
        "hosts.relay.example.org.postfix.maximal_queue_lifetime=1h",
    ).run()
    fates = run.deliveries.set_index("recipient")["fate"]
    assert fates.to_dict() == {"bob@example.net": "expired", "alice@example.org": "delivered"}
    attempts = run.attempts[run.attempts["host"] == "relay.example.org"]
    assert attempts["status"].iloc[-2:].tolist()[0] == "expired"


def test_nobody_relays_for_strangers() -> None:
    run = ms.load(FIRST, "hosts.relay.example.org.policies=[]").run()
    fates = run.deliveries.set_index("recipient")
    assert (
        fates.loc["bob@example.net", "reply"] == "554 5.7.1 <bob@example.net>: Relay access denied"
    )


def test_a_loop_ends() -> None:
    run = ms.load(
        FIRST,
        "duration=10min",
        "faults=[{wrong_mx: {domain: example.net, to: mx1.example.org}, at: 0s}]",
        "hosts.mx1.example.org.policies=[{relay_control: {from: [relay.example.org]}}]",
        "hosts.mx1.example.org.postfix.hopcount_limit=10",
        "hosts.relay.example.org.postfix.hopcount_limit=10",
    ).run()
    fates = run.deliveries.set_index("recipient")
    assert fates.loc["bob@example.net", "fate"] == "bounced"
    assert fates.loc["bob@example.net", "reply"] == "554 5.4.0 Error: too many hops"
    assert fates.loc["bob@example.net", "hops"] == 9, "the tenth line would be the server's own"


def test_several_recipients_share_a_transaction() -> None:
    run = ms.load(
        FIRST, "hosts.mx.example.net.mailboxes=['user*']",
        "traffic.hello.to=example.net", "traffic.hello.recipients_per_message=5",
        "traffic.hello.invalid=30%", "traffic.hello.arrivals={every: 5s}",
    ).run()  # fmt: skip
    mail = run.deliveries[run.deliveries["traffic"] == "hello"]
    assert len(mail) == 60
    assert set(mail["fate"]) == {"delivered", "bounced"}
    assert (mail["recipient"].str.startswith("no-such-user") == (mail["fate"] == "bounced")).all()
    to_mx = run.sessions[run.sessions["server"] == "mx.example.net"]
    assert to_mx["verbs"].str.contains("RCPT=5").all()
