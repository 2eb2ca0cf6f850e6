"""Which reports come back in whole runs; both fidelities give the same rows."""

from __future__ import annotations

import json
from email import message_from_string
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mailsim as ms
from mailsim.mta.queue import Entry
from mailsim.mta.schedulers.fifo import Fifo

SCENARIO = """
mailsim: 1
duration: 1h
record: {events: true}
zones:
  example.org: "@ 3600 IN MX 10 home\\nhome 3600 IN A 192.0.2.24\\nout 3600 IN A 192.0.2.25"
  example.net: "@ 300 IN MX 10 mx\\nmx 300 IN A 198.51.100.25"
hosts:
  office.example.org: {clients: {submit_to: out.example.org, port: 25}}
  out.example.org:
    domains: []
    listen: {25: {extensions: &all [PIPELINING, ENHANCEDSTATUSCODES, DSN, DELIVERBY]}}
    policies: [{relay_control: {from: [office.example.org]}}]
  home.example.org: {listen: {25: {extensions: *all}}, domains: [example.org]}
  mx.example.net: {listen: {25: {extensions: *all}}, mailboxes: [bob]}
  ns.example.org: {dns: [example.org, example.net]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic:
  hello: {from: alice@example.org, to: bob@example.net, arrivals: {once: 1s}}
"""
MX, OUT = "hosts.mx.example.net", "hosts.out.example.org"
GREY = f"{MX}.policies=[{{greylist: {{delay: 20min}}}}]"
TABLES = ("deliveries", "attempts", "sessions", "queues", "reports", "events")


def asking(mail: str = "", rcpt: str = "") -> str:
    return f"traffic.hello.params={json.dumps({'mail': mail, 'rcpt': rcpt})}"


class Reports:
    """A run, and the reports that left a host by SMTP."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *sets: str) -> None:
        texts: list[str] = []
        original = Fifo.put

        def put(scheduler: Fifo, entry: Entry) -> None:
            if not entry.message.sender:
                texts.append(entry.message.content.to_bytes().decode())
            original(scheduler, entry)

        monkeypatch.setattr(Fifo, "put", put)
        path = tmp_path / "reports.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        flights, wire = (ms.load(path, *sets, f"fidelity={f}").run() for f in ("flights", "wire"))
        for name in TABLES:
            pd.testing.assert_frame_equal(getattr(flights, name), getattr(wire, name))
        n = len(texts) // 2
        assert texts[:n] == texts[n:]
        self.run = flights
        self.fields = [_fields(text) for text in texts[:n]]
        deliveries = flights.deliveries
        self.rows = deliveries[deliveries["traffic"] == "report"]
        self.mail = deliveries[deliveries["traffic"] != "report"]


def _fields(text: str) -> list[Any]:
    parts: Any = message_from_string(text).get_payload()
    return list(parts[1].get_payload())


@pytest.mark.parametrize(("rcpt", "n"), [("", 1), ("NOTIFY=DELAY", 1), ("NOTIFY=NEVER", 0)])
def test_the_sender_of_late_mail_is_told_at_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rcpt: str, n: int
) -> None:
    reports = Reports(tmp_path, monkeypatch, GREY, asking("BY=200;N", rcpt))
    assert reports.mail["fate"].tolist() == ["delivered"]
    assert len(reports.rows) == n
    if n:
        row = reports.rows.iloc[0]
        assert (row["recipient"], row["fate"]) == ("alice@example.org", "delivered")
        taken = reports.mail["accepted_at_s"].iloc[0]
        assert row["submitted_at_s"] == pytest.approx(taken + 200, abs=1e-9)
        top, block = reports.fields[0]
        assert (block["Action"], block["Status"]) == ("delayed", "4.7.1")
        assert "Greylisted" in block["Diagnostic-Code"]
        assert top["Deliver-By-Date"] == "Thu, 01 Jan 2026 00:03:21 +0000"
    attempts = reports.run.attempts
    tried = attempts[attempts["destination"] == "example.net"]["ended_at_s"]
    assert tried.iloc[1] == pytest.approx(600, abs=1), "no earlier for being late"


def test_a_warning_comes_after_an_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warn = f"{OUT}.postfix.delay_warning_time=400s"
    reports = Reports(tmp_path, monkeypatch, GREY, warn)
    assert reports.mail["fate"].tolist() == ["delivered"]
    tries = reports.run.attempts
    late = tries[(tries["delay_s"] > 400) & (tries["status"] == "deferred")]
    assert reports.rows["submitted_at_s"].tolist() == late["ended_at_s"].head(1).tolist()
    _, block = reports.fields[0]
    assert (block["Action"], block["Will-Retry-Until"]) == (
        "delayed", "Tue, 06 Jan 2026 00:00:01 +0000",
    )  # fmt: skip


@pytest.mark.row("X-DSN-RELAYED")
def test_the_last_host_says_that_it_has_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked at submission stands in the report of the host two hops away."""
    asked = asking("RET=HDRS ENVID=x+2By", "NOTIFY=SUCCESS ORCPT=rfc822;b+2Bob@example.net")
    reports = Reports(tmp_path, monkeypatch, asked)
    assert reports.rows[["recipient", "host", "fate"]].to_numpy().tolist() == [
        ["alice@example.org", "home.example.org", "delivered"]
    ]
    ((top, block),) = reports.fields
    assert (top["Reporting-MTA"], top["Original-Envelope-Id"]) == ("dns; mx.example.net", "x+y")
    names = ("Action", "Status", "Final-Recipient", "Original-Recipient")
    assert [block[name] for name in names] == [
        "delivered", "2.0.0", "rfc822; bob@example.net", "rfc822;b+ob@example.net",
    ]  # fmt: skip
    assert reports.rows["submitted_at_s"].tolist() == reports.mail["ended_at_s"].tolist()
    (row,) = reports.run.reports.to_dict("records")
    assert row == {
        "at_s": reports.mail["ended_at_s"].iloc[0],
        "message": 1,
        "report": 2,
        "host": "mx.example.net",
        "to": "alice@example.org",
        "recipient": "bob@example.net",
        "action": "delivered",
        "status": "2.0.0",
        "remote": "",
        "diagnostic": "delivered to mailbox",
    }


@pytest.mark.row("X-DSN-RELAYED")
@pytest.mark.parametrize(
    ("mail", "rcpt", "extensions", "n"),
    [
        ("", "NOTIFY=SUCCESS", "[PIPELINING, ENHANCEDSTATUSCODES]", 1),
        ("", "NOTIFY=FAILURE", "[PIPELINING, ENHANCEDSTATUSCODES]", 0),
        ("BY=200;N", "", "[DSN, ENHANCEDSTATUSCODES]", 1),
        ("BY=200;NT", "", "[DSN, DELIVERBY]", 1),
        ("BY=200;N", "NOTIFY=FAILURE", "[DSN, DELIVERBY]", 0),
    ],
)
def test_who_hands_over_to_a_host_that_says_no_more_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail: str, rcpt: str, extensions: str, n: int
) -> None:
    listen = f"{MX}.listen={{25: {{extensions: {extensions}}}}}"
    reports = Reports(tmp_path, monkeypatch, listen, asking(mail, rcpt))
    assert reports.mail["fate"].tolist() == ["delivered"]
    assert reports.rows["fate"].tolist() == ["delivered"] * n
    for top, block in reports.fields:
        assert top["Reporting-MTA"] == "dns; out.example.org"
        assert (block["Action"], block["Remote-MTA"]) == ("relayed", "dns; mx.example.net")
        assert block["Diagnostic-Code"].startswith("smtp; 250 ")


@pytest.mark.row("X-DSN-NOTIFY")
def test_several_recipients_are_in_one_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = (
        "traffic.hello.to={user1@example.net: 50%, user2@example.net: 50%}",
        "traffic.hello.recipients_per_message=2",
    )
    reports = Reports(tmp_path, monkeypatch, *sets)
    assert reports.mail["fate"].tolist() == ["bounced"] * 2
    assert len(reports.rows) == 1
    ((_, *blocks),) = reports.fields
    assert [(b["Action"], b["Status"]) for b in blocks] == [("failed", "5.1.1")] * 2


@pytest.mark.row("X-DSN-NULL")
@pytest.mark.parametrize("classes", ["", "2bounce", "bounce"])
def test_a_report_that_fails_goes_to_the_postmaster_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, classes: str
) -> None:
    sets = (f"{OUT}.postfix.notify_classes='{classes}'", "hosts.home.example.org.mailboxes=[carol]")
    reports = Reports(tmp_path, monkeypatch, *sets, f"{MX}.mailboxes=[carol]")
    rows = reports.rows.sort_values("message")[["sender", "recipient", "fate"]].to_numpy().tolist()
    first = ["", "alice@example.org", "bounced"]
    to_postmaster = ["double-bounce@out.example.org", "postmaster", "delivered"]
    expected = {"": [first], "2bounce": [first, to_postmaster]}
    assert rows == expected.get(classes, [first, to_postmaster, to_postmaster])
    assert len(reports.fields) == 1, "the postmaster's never leave their host"
    told = reports.run.reports[["report", "to", "action"]].to_numpy().tolist()
    names = reports.rows.sort_values("message")[["message", "recipient"]].to_numpy().tolist()
    assert sorted(told) == [[number, to, "failed"] for number, to in names]
