"""Delivery reports, read by Python's own mail parser."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any

import pytest
from flufl.bounce import all_failures

from mailsim.message import (
    Content,
    Head,
    Received,
    ReportedRecipient,
    delivery_report,
    new_content,
)

HEAD = Head(7, "office.example.org", "alice@example.org", "bob@example.net", "hello", 1_800_000_000)


@pytest.mark.row("X-DSN-FORMAT")
def test_a_report_says_who_failed_and_why() -> None:
    line = Received("office", "office", "10.0.0.1", "mx1", "ESMTPSA", "1", "", 1_800_000_001)
    original = new_content(HEAD, 100).with_received(line)
    failed = (
        ReportedRecipient("bob@example.net", "5.1.1", "mx.example.net", "550 5.1.1 User unknown"),
        ReportedRecipient("carol@example.net", "4.4.1", "", "450 4.4.1 Connection timed out"),
    )
    report = delivery_report(8, "mx1", "alice@example.org", failed, original, 10, 20)
    assert report.number == 8
    assert Content.from_bytes(report.to_bytes()) == report
    parsed = message_from_bytes(report.to_bytes())
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "delivery-status"
    assert parsed["To"] == "<alice@example.org>"
    people, status, headers = parsed.get_payload()  # type: ignore[misc]
    assert "550 5.1.1 User unknown" in people.get_payload()  # type: ignore[union-attr]
    message, first, second = status.get_payload()  # type: ignore[union-attr, misc]
    assert message["Reporting-MTA"] == "dns; mx1"  # type: ignore[index]
    assert first["Final-Recipient"] == "rfc822; bob@example.net"  # type: ignore[index]
    assert (first["Action"], first["Status"]) == ("failed", "5.1.1")  # type: ignore[index]
    assert first["Remote-MTA"] == "dns; mx.example.net"  # type: ignore[index]
    assert first["Diagnostic-Code"] == "smtp; 550 5.1.1 User unknown"  # type: ignore[index]
    assert second["Remote-MTA"] is None  # type: ignore[index]
    assert headers.get_content_type() == "text/rfc822-headers"  # type: ignore[union-attr]
    assert "Subject: hello" in headers.get_payload()  # type: ignore[union-attr]


def test_a_report_about_a_content_from_elsewhere() -> None:
    original = Content.from_bytes(b"Subject: x\r\n\r\nhi\r\n")
    failed = (ReportedRecipient("b@c", "5.0.0", "mx", "550 no"),)
    assert delivery_report(1, "mx1", "a@b", failed, original, 0, 0).size > 500


@pytest.mark.row("X-DSN-FORMAT")
@pytest.mark.parametrize(
    ("limit", "kind"), [(50_000, "message/rfc822"), (10, "text/rfc822-headers")]
)
def test_the_message_comes_back_if_it_is_small(limit: int, kind: str) -> None:
    failed = (ReportedRecipient("bob@example.net", "5.1.1", "mx", "550 5.1.1 User unknown"),)
    original = new_content(HEAD, 100)
    report = delivery_report(8, "mx1", "a@x", failed, original, 10, 20, limit_bytes=limit)
    parsed = message_from_bytes(report.to_bytes())
    assert parsed.get_payload()[-1].get_content_type() == kind  # type: ignore[index, union-attr]


SUBJECTS = {
    "failed": "Undelivered Mail Returned to Sender",
    "delayed": "Delayed Mail (still being retried)",
    "delivered": "Successful Mail Delivery Report",
    "relayed": "Successful Mail Delivery Report",
    "expanded": "Successful Mail Delivery Report",
}


@pytest.mark.row("X-REPORT")
@pytest.mark.row("X-DSN-FORMAT")
@pytest.mark.parametrize("action", SUBJECTS)
@pytest.mark.parametrize("limit", [0, 50_000])
def test_programs_read_every_kind(action: str, limit: int) -> None:
    """flufl.bounce, by which Mailman finds who bounced, and Python's own parser."""
    said = {"failed": "550 5.1.1 User unknown", "delayed": "450 4.2.0 Greylisted"}.get(
        action, "250 2.0.0 Ok: queued as 123"
    )
    told = [
        ReportedRecipient(to, said.split()[1], "mx.example.net", said, action=action)
        for to in ("bob@example.net", "carol@example.net")
    ]
    original = new_content(HEAD, 100)
    report = delivery_report(
        8, "mx1.example.org", "a@x", tuple(told), original, 10, 20, limit_bytes=limit
    )
    parsed = message_from_bytes(report.to_bytes())
    assert parsed["Subject"] == SUBJECTS[action]
    assert not parsed.defects
    parts: Any = parsed.get_payload()
    _, *people = parts[1].get_payload()
    assert [block["Action"] for block in people] == [action] * 2
    whole = action == "failed" and limit
    assert parts[2].get_content_type() == ("message/rfc822" if whole else "text/rfc822-headers")
    temporary, permanent = all_failures(parsed)
    both = {b"bob@example.net", b"carol@example.net"}
    assert permanent == (both if action == "failed" else set())
    assert temporary == (both if action == "delayed" else set())


@pytest.mark.row("X-DSN-FORMAT")
def test_long_replies_are_folded() -> None:
    """RFC 5322 section 2.1.1: 78 characters a line, where the text has blanks."""
    word = "x" * 120
    said = f"550 5.7.1 {'a b c  d ' * 20}{word} end"
    told = (ReportedRecipient("bob@example.net", "5.7.1", "mx", said),)
    report = delivery_report(8, "mx1", "a@x", told, new_content(HEAD, 100), 10, 20)
    body = report.body
    assert isinstance(body, bytes)
    lines = body.decode().split("\r\n")
    assert [line.strip() for line in lines if len(line) > 78] == [word, word]
    assert not [line for line in lines if line and not line.strip()], "none of blanks alone"
    parts: Any = message_from_bytes(report.to_bytes()).get_payload()
    block = parts[1].get_payload()[1]
    assert block["Diagnostic-Code"].replace("\r\n    ", " ") == f"smtp; {said}"


@pytest.mark.parametrize(
    ("action", "subject"),
    [
        ("failed", "Postmaster Copy: Undelivered Mail"),
        ("delayed", "Postmaster Warning: Delayed Mail"),
    ],
)
def test_the_postmaster_is_told_without_polite_words(action: str, subject: str) -> None:
    told = (ReportedRecipient("bob@example.net", "5.1.1", "mx", "550 no", action=action),)
    original = new_content(HEAD, 100)
    report = delivery_report(8, "mx1", "postmaster", told, original, 10, 20, is_copy=True)
    parsed = message_from_bytes(report.to_bytes())
    assert (parsed["Subject"], parsed["Auto-Submitted"]) == (subject, "auto-generated")
    people: Any = parsed.get_payload(0)
    assert people.get_payload() == (
        "This is the mail system at host mx1.\r\n\r\n<bob@example.net>: 550 no\r\n"
    )


@pytest.mark.row("X-DSN-UTF8")
@pytest.mark.parametrize(
    ("address", "subject", "types"),
    [
        ("bob@x", "hello", ["text/plain", "message/delivery-status", "message/rfc822"]),
        ("bób@x", "hello", ["text/plain", "message/global-delivery-status", "message/global"]),
        ("bob@x", "grüße", ["text/plain", "message/global-delivery-status", "message/global"]),
        ("bób@x", "", ["text/plain", "message/global-delivery-status", "message/global-headers"]),
    ],
)
def test_what_is_beyond_ascii_has_types_of_its_own(
    address: str, subject: str, types: list[str]
) -> None:
    """RFC 6533 sections 3 to 6."""
    told = (ReportedRecipient(address, "5.1.1", "mx", f"550 5.1.1 <{address}>: User unknown"),)
    original = new_content(HEAD._replace(subject=subject), 100)
    limit = 50_000 if subject else 0
    report = delivery_report(8, "mx1", "a@x", told, original, 10, 20, limit_bytes=limit)
    parsed = message_from_bytes(report.to_bytes())
    parts: Any = parsed.get_payload()
    assert [part.get_content_type() for part in parts] == types
    is_plain = address.isascii() and subject.isascii()
    assert parts[0].get_content_charset() == ("us-ascii" if is_plain else "utf-8")
    assert (parsed["Content-Transfer-Encoding"] == "8bit") == (not is_plain)
    assert (parts[1]["Content-Transfer-Encoding"] == "8bit") == (not address.isascii())
    assert (parts[2]["Content-Transfer-Encoding"] == "8bit") == (not subject.isascii())
    kind = "rfc822" if address.isascii() else "utf-8"
    assert f"\r\nFinal-Recipient: {kind}; {address}\r\n".encode() in report.to_bytes()
    assert Content.from_bytes(report.to_bytes()) == report


def test_eight_bits_in_a_body_are_returned_as_they_are() -> None:
    told = (ReportedRecipient("bob@x", "5.1.1", "mx", "550 no"),)
    original = Content.from_bytes(b"Subject: x\r\n\r\nGr\xfc\xdfe\r\n")
    report = delivery_report(8, "mx1", "a@x", told, original, 10, 20, limit_bytes=1000)
    parts: Any = message_from_bytes(report.to_bytes()).get_payload()
    assert parts[2].get_content_type() == "message/rfc822"
    assert parts[2]["Content-Transfer-Encoding"] == "8bit"
    assert b"Gr\xfc\xdfe" in report.to_bytes()


@pytest.mark.row("X-DSN-FORMAT")
def test_programs_read_whom_the_sender_wrote_to() -> None:
    told = (ReportedRecipient("bob@inner.x", "5.1.1", "mx", "550 no", "rfc822;bob@example.net"),)
    report = delivery_report(8, "mx1", "a@x", told, new_content(HEAD, 100), 10, 20)
    assert all_failures(message_from_bytes(report.to_bytes())) == (set(), {b"bob@example.net"})
