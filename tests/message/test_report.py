"""Delivery reports, read by Python's own mail parser."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from mailsim.message import (
    Content,
    FailedRecipient,
    Head,
    Received,
    delivery_report,
    new_content,
)

HEAD = Head(7, "office.example.org", "alice@example.org", "bob@example.net", "hello", 1_800_000_000)


@pytest.mark.row("X-DSN-FORMAT")
def test_a_report_says_who_failed_and_why() -> None:
    line = Received("office", "office", "10.0.0.1", "mx1", "ESMTPSA", "1", "", 1_800_000_001)
    original = new_content(HEAD, 100).with_received(line)
    failed = (
        FailedRecipient("bob@example.net", "5.1.1", "mx.example.net", "550 5.1.1 User unknown"),
        FailedRecipient("carol@example.net", "4.4.1", "", "450 4.4.1 Connection timed out"),
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
    failed = (FailedRecipient("b@c", "5.0.0", "mx", "550 no"),)
    assert delivery_report(1, "mx1", "a@b", failed, original, 0, 0).size > 500


@pytest.mark.row("X-DSN-FORMAT")
@pytest.mark.parametrize(
    ("limit", "kind"), [(50_000, "message/rfc822"), (10, "text/rfc822-headers")]
)
def test_the_message_comes_back_if_it_is_small(limit: int, kind: str) -> None:
    failed = (FailedRecipient("bob@example.net", "5.1.1", "mx", "550 5.1.1 User unknown"),)
    original = new_content(HEAD, 100)
    report = delivery_report(8, "mx1", "a@x", failed, original, 10, 20, limit_bytes=limit)
    parsed = message_from_bytes(report.to_bytes())
    assert parsed.get_payload()[-1].get_content_type() == kind  # type: ignore[index, union-attr]
