"""Delivery reports: what a sender hears of a message that failed, waits, or has arrived.

The form is ``multipart/report`` (RFC 6522) with a text for people, a
``message/delivery-status`` for programs (RFC 3464) and the message, or its header.  Where an
address or a header is beyond ASCII the types are those of RFC 6533.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mailsim.message.content import Content, Head, new_content
from mailsim.message.trace import date_text

__all__ = ["ReportedRecipient", "delivery_report"]

_WIDTH: Final = 78


class ReportedRecipient(NamedTuple):
    """One recipient that a report is about.

    Attributes
    ----------
    address : str
    status : str
        Enhanced status code, such as ``5.1.1``.
    remote : str
        The host that said so, or empty.
    diagnostic : str
        Its reply, such as ``550 5.1.1 User unknown``, or what else there is to say.
    original : str
        What the sender gave as ORCPT, decoded: ``rfc822;bob@example.net``; or empty.
    action : str
        ``failed``, ``delayed``, ``delivered``, ``relayed`` or ``expanded``; in one report there
        are failed ones only, delayed ones only, or any of the other three.
    """

    address: str
    status: str
    remote: str
    diagnostic: str
    original: str = ""
    action: str = "failed"


class _Words(NamedTuple):
    """What a report says to people; to the postmaster the subject alone, as in Postfix."""

    subject: str
    copy_subject: str
    text: str


_FAILED: Final = _Words(
    "Undelivered Mail Returned to Sender",
    "Postmaster Copy: Undelivered Mail",
    "Your message could not be delivered to one or more recipients.\r\n",
)
_DELAYED: Final = _Words(
    "Delayed Mail (still being retried)",
    "Postmaster Warning: Delayed Mail",
    "This is only a warning: your message has not been delivered yet to one or\r\n"
    "more recipients. It is tried again; you need not send it again.\r\n",
)
_DONE: Final = _Words(
    "Successful Mail Delivery Report",
    "",
    "Your message has gone where you will find it below. Where it was relayed to a\r\n"
    "system that sends no such reports you will hear no more of it.\r\n",
)
_WORDS: Final = {"failed": _FAILED, "delayed": _DELAYED}


class _Types(NamedTuple):
    """Media types of the parts."""

    charset: str
    status: str
    message: str
    headers: str


_PLAIN: Final = _Types(
    "us-ascii", "message/delivery-status", "message/rfc822", "text/rfc822-headers"
)
_GLOBAL: Final = _Types(
    "utf-8", "message/global-delivery-status", "message/global", "message/global-headers"
)


def delivery_report(
    number: int,
    host: str,
    to: str,
    recipients: tuple[ReportedRecipient, ...],
    original: Content,
    arrived_unix_s: int,
    unix_s: int,
    *,
    envelope_id: str = "",
    limit_bytes: int = 0,
    deliver_by_unix_s: int | None = None,
    retry_until_unix_s: int | None = None,
    is_copy: bool = False,
) -> Content:
    """Return the report that ``host`` sends about some recipients of a message.

    Parameters
    ----------
    number : int
        Number of the report among the messages of the run.
    host : str
        The reporting host (Reporting-MTA).
    to : str
        Who gets it: the envelope sender of the message, or the postmaster.
    recipients : tuple of ReportedRecipient
    original : Content
        The content of the message: the third part.  A body that is only a size is written out
        as the filler that stands for it.
    arrived_unix_s, unix_s : int
        When the message came to this host, and now; seconds since 1970 UTC.
    envelope_id : str
        What the sender gave as ENVID, decoded.
    limit_bytes : int
        Up to this size a message that failed is returned whole (Postfix ``bounce_size_limit``);
        of a larger one, or one that did not fail, the header (RFC 3461 section 6.2).
    deliver_by_unix_s, retry_until_unix_s : int or None
        Until when it was to be delivered (RFC 2852 section 5), and until when a delayed
        message is tried, in seconds since 1970 UTC.
    is_copy : bool
        Whether it is for the postmaster; it has failed or delayed recipients then.

    Notes
    -----
    RFC 3464 section 2: Reporting-MTA is required per message; Final-Recipient, Action and
    Status per recipient.  The report itself travels with the null reverse-path.
    """
    boundary = f"=_{number:010d}.{host}"
    words = _WORDS.get(recipients[0].action, _DONE)
    subject, text = (words.copy_subject, "") if is_copy else (words.subject, f"{words.text}\r\n")
    people = "".join([_folded(f"<{r.address}>: ", r.diagnostic) for r in recipients])
    again = f"Will-Retry-Until: {date_text(retry_until_unix_s)}\r\n" if retry_until_unix_s else ""
    envelope = f"Original-Envelope-Id: {envelope_id}\r\n" if envelope_id else ""
    by = f"Deliver-By-Date: {date_text(deliver_by_unix_s)}\r\n" if deliver_by_unix_s else ""
    status = (
        f"{envelope}Reporting-MTA: dns; {host}\r\nArrival-Date: {date_text(arrived_unix_s)}\r\n"
        f"{by}{''.join([_recipient_block(r, unix_s, again) for r in recipients])}"
    )
    types = _PLAIN if status.isascii() and original.is_header_ascii else _GLOBAL
    kind, returned = types.message, b""
    if words is _FAILED and original.size <= limit_bytes:
        returned = original.to_bytes()
    if not returned:
        kind = types.headers
        returned = original._replace(body=b"").to_bytes().partition(b"\r\n\r\n")[0] + b"\r\n"
    parts = (
        (
            f"text/plain; charset={types.charset}",
            f"This is the mail system at host {host}.\r\n\r\n{text}{people}".encode(),
        ),
        (types.status, status.encode()),
        (kind, returned),
    )
    body = b"".join([_part(boundary, *part) for part in parts]) + f"--{boundary}--\r\n".encode()
    mime = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n"
        f'\tboundary="{boundary}"\r\n{_encoding(body)}'
        f"Auto-Submitted: auto-{'generated' if is_copy else 'replied'}\r\n"
    )
    head = Head(number, host, f"MAILER-DAEMON@{host}", to, subject, unix_s, mime)
    return new_content(head, body)


def _part(boundary: str, kind: str, content: bytes) -> bytes:
    """Return a part; its last CRLF belongs to the boundary that follows."""
    head = f"--{boundary}\r\nContent-Type: {kind}\r\n{_encoding(content)}\r\n"
    return head.encode() + content + b"\r\n"


def _encoding(content: bytes) -> str:
    return "" if content.isascii() else "Content-Transfer-Encoding: 8bit\r\n"


def _recipient_block(recipient: ReportedRecipient, unix_s: int, again: str) -> str:
    remote = f"Remote-MTA: dns; {recipient.remote}\r\n" if recipient.remote else ""
    kind = "smtp" if recipient.remote else "x-mailsim"
    original = f"Original-Recipient: {recipient.original}\r\n" if recipient.original else ""
    diagnostic = _folded(f"Diagnostic-Code: {kind}; ", recipient.diagnostic)
    address_type = "rfc822" if recipient.address.isascii() else "utf-8"
    return (
        f"\r\n{original}Final-Recipient: {address_type}; {recipient.address}\r\n"
        f"Action: {recipient.action}\r\nStatus: {recipient.status}\r\n{remote}{diagnostic}"
        f"Last-Attempt-Date: {date_text(unix_s)}\r\n{again}"
    )


def _folded(name: str, text: str) -> str:
    """Return a field or paragraph in lines of at most 78 characters, where blanks allow it.

    Source: RFC 5322 section 2.1.1; Postfix ``bounce_print_wrap``.
    """
    lines = []
    line, *words = f"{name}{text}".split(" ")
    for word in words:
        if len(line) + 1 + len(word) > _WIDTH and line.strip():
            lines.append(line)
            line = f"    {word}"
        else:
            line = f"{line} {word}"
    return "\r\n".join([*lines, line]) + "\r\n"
