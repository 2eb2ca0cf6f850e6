"""What a submission server adds to a message that lacks it (RFC 6409 section 8)."""

from __future__ import annotations

import re
from typing import Final

from mailsim.message.content import Content
from mailsim.message.trace import date_text

__all__ = ["completed"]

_field: Final = re.compile(rb"^([!-9;-~]+)[ \t]*:", re.MULTILINE)


def completed(content: Content, sender: str, host: str, number: int, unix_s: int) -> Content:
    """Return the content with From, Date and Message-ID, each added where it is missing.

    Relays must not do this (RFC 5321 section 6.4).  A header written by mailsim has them all.

    Parameters
    ----------
    content : Content
    sender : str
        Reverse-path, for From; left alone if it is the null path.
    host : str
        Right side of the Message-ID.
    number : int
        Number of the message at this host.
    unix_s : int
        Now, in seconds since 1970 UTC.
    """
    if not isinstance(content.head, bytes):
        return content
    data = content.to_bytes()
    # A text that starts with no field is all body: give it a header of its own.
    top = data.partition(b"\r\n\r\n")[0] if _field.match(data) else b""
    present = {match[1].lower() for match in _field.finditer(top)}
    added = b""
    if b"from" not in present and sender:
        added += f"From: <{sender}>\r\n".encode()
    if b"date" not in present:
        added += f"Date: {date_text(unix_s)}\r\n".encode()
    if b"message-id" not in present:
        added += f"Message-ID: <{number:010d}.{unix_s}@{host}>\r\n".encode()
    if not added:
        return content
    return Content.from_bytes(added + (b"" if present else b"\r\n") + data)
