"""Which report goes to whom, and what of its message it holds."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from mailsim.message import Head, Params, new_content
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.mta.reports import Report, report_of
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply

S = 1_000_000_000
UNKNOWN = Reply(550, ("<b@x>: User unknown",), "5.1.1")
HEAD = Head(7, "office", "a@y", "b@x", "hello", 1_800_000_000)


def message(
    params: Params = (), notify: dict[str, str] | None = None, sender: str = "a@y"
) -> QueuedMessage:
    rcpt_params: dict[str, Params] = {to: (("NOTIFY", n),) for to, n in (notify or {}).items()}
    content = new_content(HEAD, 100)
    return QueuedMessage("1", sender, ["b@x", "c@x"], content, 10 * S, params, rcpt_params)


def made(report: Report | None) -> Message[str, str]:
    assert report is not None
    return message_from_bytes(report.content(9, "mx1", 1_800_000_000, 1_800_000_060).to_bytes())


def fields(report: Report | None) -> list[Any]:
    parts: Any = made(report).get_payload()
    return list(parts[1].get_payload())


@pytest.mark.row("X-DSN-NOTIFY")
@pytest.mark.parametrize(
    ("action", "wanted"),
    [("failed", ["b@x", "d@x"]), ("delayed", ["c@x", "d@x"]), ("relayed", ["b@x", "c@x"])],
)
def test_only_those_are_told_of_whose_notify_asks_for_it(action: str, wanted: list[str]) -> None:
    """Several in one report; without NOTIFY failures and delays are."""
    notify = {"b@x": "SUCCESS,FAILURE", "c@x": "SUCCESS,DELAY", "e@x": "NEVER"}
    about = [Told(to, "mx", UNKNOWN, action) for to in ("b@x", "c@x", "d@x", "e@x")]
    _, *people = fields(report_of(message((), notify), about, Settings()))
    assert [f["Final-Recipient"] for f in people] == [f"rfc822; {to}" for to in wanted]
    assert {f["Action"] for f in people} == {action}
    silent = message((), dict.fromkeys(("b@x", "c@x", "d@x", "e@x"), "NEVER"))
    assert report_of(silent, about, Settings()) is None


@pytest.mark.row("X-DSN-NULL")
def test_nobody_reports_about_a_report() -> None:
    about = [Told("b@x", "mx", UNKNOWN)]
    assert report_of(message(sender=""), about, Settings()) is None
    report = report_of(message(), about, Settings())
    assert report is not None
    assert report.envelope == ("", ("a@y",), (), ((("NOTIFY", "NEVER"),),))


@pytest.mark.row("X-DSN-STATUS")
@pytest.mark.parametrize(
    ("reply", "remote", "status", "diagnostic"),
    [
        (UNKNOWN, "mx.x", "5.1.1", "smtp; 550 5.1.1 <b@x>: User unknown"),
        (Reply(452, ("Full",)), "mx.x", "4.0.0", "smtp; 452 Full"),
        (Reply(554, ("No", "way"), "5.7.1"), "mx.x", "5.7.1", "smtp; 554 5.7.1 No way"),
        (Reply(450, ("timed out",), "4.4.1"), "", "4.4.1", "x-mailsim; 450 4.4.1 timed out"),
    ],
)
def test_what_a_server_said_is_in_status_and_diagnostic_code(
    reply: Reply, remote: str, status: str, diagnostic: str
) -> None:
    _, block = fields(report_of(message(), [Told("b@x", remote, reply)], Settings()))
    assert (block["Status"], block["Diagnostic-Code"]) == (status, diagnostic)
    assert block["Remote-MTA"] == (f"dns; {remote}" if remote else None)


@pytest.mark.row("X-DSN-RET")
@pytest.mark.parametrize(
    ("params", "action", "limit", "kind"),
    [
        ((), "failed", 50_000, "message/rfc822"),
        ((), "failed", 100, "text/rfc822-headers"),
        ((("RET", "full"),), "failed", 50_000, "message/rfc822"),
        ((("RET", "hdrs"),), "failed", 50_000, "text/rfc822-headers"),
        ((("RET", "FULL"),), "delayed", 50_000, "text/rfc822-headers"),
        ((("RET", "FULL"), ("REQUIRETLS", None)), "failed", 50_000, "text/rfc822-headers"),
    ],
)
def test_what_of_the_message_comes_back(params: Params, action: str, limit: int, kind: str) -> None:
    report = report_of(
        message(params), [Told("b@x", "mx", UNKNOWN, action)], Settings(bounce_size_limit=limit)
    )
    parts: Any = made(report).get_payload()
    assert parts[2].get_content_type() == kind
    assert report is not None
    assert (("REQUIRETLS", None) in report.envelope.params) == (len(params) == 2)


@pytest.mark.row("X-DSN-FORMAT")
def test_the_sender_can_tell_which_message_it_was() -> None:
    asked = message((("ENVID", "a+2Bb"), ("BY", "90;N")))
    asked.rcpt_params = {"b@x": (("ORCPT", "rfc822;b+2Bc@x"),)}
    top, block = fields(report_of(asked, [Told("b@x", "", UNKNOWN, "delayed")], Settings()))
    assert top["Original-Envelope-Id"] == "a+b"
    assert top["Reporting-MTA"] == "dns; mx1"
    assert top["Arrival-Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert top["Deliver-By-Date"] == "Fri, 15 Jan 2027 08:01:30 +0000"
    assert block["Original-Recipient"] == "rfc822;b+c@x"
    assert block["Last-Attempt-Date"] == "Fri, 15 Jan 2027 08:01:00 +0000"
    assert block["Will-Retry-Until"] == "Wed, 20 Jan 2027 08:00:00 +0000"
    _, failed = fields(report_of(message(), [Told("b@x", "", UNKNOWN)], Settings()))
    assert (failed["Will-Retry-Until"], failed["Original-Recipient"]) == (None, None)
