"""8-bit content for a next hop that takes 7-bit only (RFC 6152 section 3)."""

from __future__ import annotations

import base64
import quopri
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Final

from mailsim.message.content import Content

__all__ = ["to_seven_bit"]

_POLICY: Final = compat32.clone(linesep="\r\n", max_line_length=0)


def to_seven_bit(content: Content) -> Content | None:
    """Return the content with its 8-bit parts encoded, or None if that cannot be done.

    Text becomes quoted-printable, everything else base64.  A header that is not ASCII, a part
    that is signed (its signature would break) and a content that is no MIME stay as they are.

    Parameters
    ----------
    content : Content
        Whole; its own Received lines on top are kept.
    """
    if content.is_seven_bit:
        return content
    if not content.is_header_ascii:
        return None
    # Only a header as octets can stand above an 8-bit body, but a simulated one may too.
    plain = content._replace(trace=())
    message = BytesParser(policy=_POLICY).parsebytes(plain.to_bytes())
    if message["MIME-Version"] is None or not all(_encode(part) for part in message.walk()):
        return None
    data = message.as_bytes()
    if not data.isascii():
        return None
    converted = Content.from_bytes(data)
    size = converted.size + sum(line.size for line in content.trace)
    return converted._replace(size=size, trace=content.trace)


def _encode(part: Message) -> bool:
    """Encode one part in place; False if it may not be touched."""
    if part.is_multipart():
        if part.get_content_type() in ("multipart/signed", "multipart/encrypted"):
            return False
        if part["Content-Transfer-Encoding"] is not None:
            part.replace_header("Content-Transfer-Encoding", "7bit")
        return True
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    cte = str(part["Content-Transfer-Encoding"] or "7bit").strip().lower()
    if cte not in ("7bit", "8bit", "binary") or raw.isascii():
        return True
    del part["Content-Transfer-Encoding"]
    if part.get_content_maintype() == "text":
        part["Content-Transfer-Encoding"] = "quoted-printable"
        lines = raw.replace(b"\r\n", b"\n")
        part.set_payload(quopri.encodestring(lines).replace(b"\n", b"\r\n").decode("ascii"))
    else:
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(base64.encodebytes(raw).replace(b"\n", b"\r\n").decode("ascii"))
    return True
