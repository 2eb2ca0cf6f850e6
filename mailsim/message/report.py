"""Delivery reports: what a sender gets when a message could not be delivered.

The form is ``multipart/report`` (RFC 6522) with a text for people, a
``message/delivery-status`` for programs (RFC 3464) and the header of the message that failed.
"""

from __future__ import annotations

from typing import NamedTuple

from mailsim.message.content import Content, Head, new_content
from mailsim.message.trace import date_text

__all__ = ["FailedRecipient", "delivery_report"]


class FailedRecipient(NamedTuple):
    """One recipient that a report is about.

    Attributes
    ----------
    address : str
    status : str
        Enhanced status code of the failure, such as ``5.1.1``.
    remote : str
        The host that refused, or empty.
    diagnostic : str
        The reply that refused, such as ``550 5.1.1 User unknown``, or what else went wrong.
    original : str
        What the sender gave as ORCPT, decoded: ``rfc822;bob@example.net``; or empty.
    """

    address: str
    status: str
    remote: str
    diagnostic: str
    original: str = ""


def delivery_report(
    number: int,
    host: str,
    sender: str,
    failed: tuple[FailedRecipient, ...],
    original: Content,
    arrived_unix_s: int,
    unix_s: int,
    *,
    envelope_id: str = "",
    limit_bytes: int = 0,
) -> Content:
    """Return the report that ``host`` sends to ``sender`` about recipients it gave up on.

    Parameters
    ----------
    number : int
        Number of the report among the messages of the run.
    host : str
        The reporting host (Reporting-MTA).
    sender : str
        Envelope sender of the message that failed: the recipient of the report.
    failed : tuple of FailedRecipient
    original : Content
        The content that failed: the third part.  A body that is only a size is written out as
        the filler that stands for it.
    arrived_unix_s, unix_s : int
        When the message came to this host, and now; seconds since 1970 UTC.
    envelope_id : str
        What the sender gave as ENVID, decoded.
    limit_bytes : int
        Up to this size the message is returned whole (Postfix ``bounce_size_limit``); of a
        larger one, the header.

    Notes
    -----
    RFC 3464 section 2: Reporting-MTA is required per message; Final-Recipient, Action and
    Status per recipient.  The report itself travels with the null reverse-path.
    """
    boundary = f"=_{number:010d}.{host}"
    people = "".join([f"<{r.address}>: {r.diagnostic}\r\n" for r in failed])
    programs = "".join([_recipient_block(r, unix_s) for r in failed])
    envelope = f"Original-Envelope-Id: {envelope_id}\r\n" if envelope_id else ""
    returned = original.to_bytes() if original.size <= limit_bytes else b""
    kind = "message/rfc822"
    if not returned:
        kind = "text/rfc822-headers"
        returned = original._replace(body=b"").to_bytes().partition(b"\r\n\r\n")[0] + b"\r\n"
    bits = "" if returned.isascii() else "Content-Transfer-Encoding: 8bit\r\n"
    body = (
        f"--{boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"This is the mail system at host {host}.\r\n\r\n"
        "Your message could not be delivered to one or more recipients.\r\n\r\n"
        f"{people}\r\n"
        f"--{boundary}\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"{envelope}Reporting-MTA: dns; {host}\r\nArrival-Date: {date_text(arrived_unix_s)}\r\n\r\n"
        f"{programs}"
        f"--{boundary}\r\nContent-Type: {kind}\r\n{bits}\r\n"
    ).encode("utf-8", "surrogateescape")
    body += returned + f"\r\n--{boundary}--\r\n".encode()
    mime = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n"
        f'\tboundary="{boundary}"\r\n{bits}Auto-Submitted: auto-replied\r\n'
    )
    subject = "Undelivered Mail Returned to Sender"
    head = Head(number, host, f"MAILER-DAEMON@{host}", sender, subject, unix_s, mime)
    return new_content(head, body)


def _recipient_block(recipient: FailedRecipient, unix_s: int) -> str:
    remote = f"Remote-MTA: dns; {recipient.remote}\r\n" if recipient.remote else ""
    kind = "smtp" if recipient.remote else "x-mailsim"
    original = f"Original-Recipient: {recipient.original}\r\n" if recipient.original else ""
    return (
        f"{original}Final-Recipient: rfc822; {recipient.address}\r\nAction: failed\r\n"
        f"Status: {recipient.status}\r\n{remote}"
        f"Diagnostic-Code: {kind}; {recipient.diagnostic}\r\n"
        f"Last-Attempt-Date: {date_text(unix_s)}\r\n\r\n"
    )
