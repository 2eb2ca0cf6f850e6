"""Which report goes to whom, and what of its message it holds."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from mailsim.message import Head, Params, new_content
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.mta.reports import Report, reports_of
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
    return QueuedMessage("1", sender, ("b@x", "c@x"), content, 10 * S, params, rcpt_params)


def to_sender(message: QueuedMessage, told: list[Told], **options: Any) -> Report:
    (report,) = reports_of(message, told, Settings(**options), "mx1")
    return report


def made(report: Report) -> Message[str, str]:
    return message_from_bytes(report.content(9, "mx1", 1_800_000_000, 1_800_000_060).to_bytes())


def fields(report: Report) -> list[Any]:
    parts: Any = made(report).get_payload()
    return list(parts[1].get_payload())


@pytest.mark.row("X-DSN-NOTIFY")
@pytest.mark.parametrize(
    ("action", "wanted"),
    [("failed", ["b@x", "d@x"]), ("delayed", ["c@x", "d@x"]), ("delivered", ["b@x", "c@x"])],
)
def test_only_those_are_told_of_whose_notify_asks_for_it(action: str, wanted: list[str]) -> None:
    """Several in one report; without NOTIFY failures and delays are."""
    notify = {"b@x": "SUCCESS,FAILURE", "c@x": "SUCCESS,DELAY", "e@x": "NEVER"}
    about = [Told(to, "mx", UNKNOWN, action) for to in ("b@x", "c@x", "d@x", "e@x")]
    _, *people = fields(to_sender(message((), notify), about))
    assert [f["Final-Recipient"] for f in people] == [f"rfc822; {to}" for to in wanted]
    assert {f["Action"] for f in people} == {action}
    silent = message((), dict.fromkeys(("b@x", "c@x", "d@x", "e@x"), "NEVER"))
    assert reports_of(silent, about, Settings(), "mx1") == []


@pytest.mark.row("X-DSN-NULL")
def test_nobody_reports_about_a_report() -> None:
    about = [Told("b@x", "mx", UNKNOWN)]
    assert reports_of(message(sender=""), about, Settings(), "mx1") == []
    report = to_sender(message(), about)
    assert report.envelope == ("", ("a@y",), (), ((("NOTIFY", "NEVER"),),))


@pytest.mark.row("X-DSN-STATUS")
@pytest.mark.parametrize(
    ("reply", "remote", "status", "diagnostic"),
    [
        (UNKNOWN, "mx.x", "5.1.1", "smtp; 550 5.1.1 <b@x>: User unknown"),
        (Reply(452, ("Full",)), "mx.x", "4.0.0", "smtp; 452 Full"),
        (Reply(554, ("No", "way"), "5.7.1"), "mx.x", "5.7.1", "smtp; 554 5.7.1 No way"),
        (Reply(450, ("timed out",), "4.4.1"), "", "4.4.1", "x-mailsim; timed out"),
    ],
)
def test_what_a_server_said_is_in_status_and_diagnostic_code(
    reply: Reply, remote: str, status: str, diagnostic: str
) -> None:
    _, block = fields(to_sender(message(), [Told("b@x", remote, reply)]))
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
    told = [Told("b@x", "mx", UNKNOWN, action)]
    report = to_sender(message(params), told, bounce_size_limit=limit)
    parts: Any = made(report).get_payload()
    assert parts[2].get_content_type() == kind
    assert (("REQUIRETLS", None) in report.envelope.params) == (len(params) == 2)


@pytest.mark.row("X-DSN-FORMAT")
def test_the_sender_can_tell_which_message_it_was() -> None:
    asked = message((("ENVID", "a+2Bb"), ("BY", "90;N")))
    asked.rcpt_params = {"b@x": (("ORCPT", "rfc822;b+2Bc@x"),)}
    top, block = fields(to_sender(asked, [Told("b@x", "", UNKNOWN, "delayed")]))
    assert top["Original-Envelope-Id"] == "a+b"
    assert top["Reporting-MTA"] == "dns; mx1"
    assert top["Arrival-Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert top["Deliver-By-Date"] == "Fri, 15 Jan 2027 08:01:30 +0000"
    assert block["Original-Recipient"] == "rfc822;b+c@x"
    assert block["Last-Attempt-Date"] == "Fri, 15 Jan 2027 08:01:00 +0000"
    assert block["Will-Retry-Until"] == "Wed, 20 Jan 2027 08:00:00 +0000"
    _, failed = fields(to_sender(message(), [Told("b@x", "", UNKNOWN)]))
    assert (failed["Will-Retry-Until"], failed["Original-Recipient"]) == (None, None)


@pytest.mark.row("X-DSN-RELAYED")
def test_of_relayed_ones_the_host_has_decided_already() -> None:
    told = [Told("b@x", "mx", Reply(250, ("Ok",), "2.0.0"), "relayed")]
    top, block = fields(to_sender(message(), told))
    assert top["Reporting-MTA"] == "dns; mx1"
    assert [block[name] for name in ("Action", "Status", "Remote-MTA")] == [
        "relayed", "2.0.0", "dns; mx",
    ]  # fmt: skip


@pytest.mark.row("X-DSN-EXPANDED")
def test_an_alias_was_expanded() -> None:
    asked = message((), {"b@x": "SUCCESS"})
    expanded = Reply(250, ("alias expanded",), "2.0.0")
    told = [Told(to, "", expanded, "expanded") for to in ("b@x", "c@x")]
    _, block = fields(to_sender(asked, told))
    assert [block[name] for name in ("Action", "Status", "Remote-MTA", "Diagnostic-Code")] == [
        "expanded", "2.0.0", None, "x-mailsim; alias expanded",
    ]  # fmt: skip


@pytest.mark.row("X-DSN-NULL")
@pytest.mark.parametrize(
    ("classes", "sender", "action", "recipients"),
    [
        ("resource, software", "", "failed", []),
        ("2bounce", "", "failed", ["postmaster"]),
        ("software,bounce", "", "failed", ["postmaster"]),
        ("bounce", "a@y", "failed", ["a@y", "postmaster"]),
        ("2bounce", "a@y", "failed", ["a@y"]),
        ("delay", "a@y", "failed", ["a@y"]),
        ("delay", "a@y", "delayed", ["a@y", "postmaster"]),
        ("delay", "", "delayed", ["postmaster"]),
        ("bounce 2bounce", "a@y", "delayed", ["a@y"]),
        ("bounce 2bounce delay", "a@y", "delivered", ["a@y"]),
        ("bounce 2bounce delay", "", "delivered", []),
        ("bounce 2bounce delay", "", "relayed", []),
        ("bounce 2bounce delay", "double-bounce@mx1", "failed", []),
    ],
)
def test_what_the_postmaster_hears(
    classes: str, sender: str, action: str, recipients: list[str]
) -> None:
    """Postfix bounce(8), notify_classes; NOTIFY is the sender's affair."""
    asked = message((), {"b@x": "SUCCESS,FAILURE,DELAY"}, sender)
    told = [Told("b@x", "mx", UNKNOWN, action)]
    reports = reports_of(asked, told, Settings(notify_classes=classes), "mx1")
    assert [report.envelope.recipients[0] for report in reports] == recipients
    for report in reports:
        is_copy = report.envelope.recipients == ("postmaster",)
        assert report.envelope.sender == ("double-bounce@mx1" if is_copy else "")
        mail = made(report)
        assert mail["To"] == f"<{report.envelope.recipients[0]}>"
        assert mail["Auto-Submitted"] == ("auto-generated" if is_copy else "auto-replied")
        assert mail["Subject"].startswith("Postmaster") == is_copy
        parts: Any = mail.get_payload()
        assert ("your message" in parts[0].get_payload().lower()) != is_copy
        is_whole = action == "failed" and (not is_copy or not sender)
        assert (parts[2].get_content_type() == "message/rfc822") == is_whole


@pytest.mark.row("X-DSN-NULL")
def test_the_postmaster_hears_of_those_who_asked_for_silence_too() -> None:
    told = [Told("b@x", "mx", UNKNOWN), Told("c@x", "mx", UNKNOWN)]
    silent = message((), {"b@x": "NEVER", "c@x": "NEVER"})
    (report,) = reports_of(silent, told, Settings(notify_classes="bounce"), "mx1")
    assert report.envelope.recipients == ("postmaster",)
    assert len(fields(report)) == 3
