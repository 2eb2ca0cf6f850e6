"""What goes over the wire as lines to read: ``C: MAIL FROM:<...>``, ``S: 250 Ok``."""

from __future__ import annotations

from collections.abc import Sequence

from mailsim.message import Content, Filler
from mailsim.smtp.codec import encode, encode_reply, size
from mailsim.smtp.memo import keep
from mailsim.smtp.values import Chunk, FromClient, Reply

__all__ = ["wire_lines"]


Line = tuple[str, str, int]
_lines: dict[FromClient | Reply, Sequence[Line]] = {}


def wire_lines(said: FromClient | Reply) -> Sequence[Line]:
    """Return the lines of a value: side, text without CRLF, octets with it.

    Of a content the header comes line by line, the body as one line that tells its size.
    """
    if type(said) is Content:
        return (*_content_lines(said), ("C", ".", 3))
    if type(said) is Chunk:
        head = f"BDAT {said.content.size}{' LAST' if said.is_last else ''}"
        return (("C", head, len(head) + 2), *_content_lines(said.content))
    lines = _lines.get(said)  # the same commands and replies come again and again
    return keep(_lines, said, _short_lines(said)) if lines is None else lines


def _short_lines(said: FromClient | Reply) -> tuple[Line, ...]:
    if isinstance(said, Reply):
        texts = encode_reply(said).decode("utf-8", "replace").splitlines()
        return tuple([("S", text, len(text.encode()) + 2) for text in texts])
    text = encode(said).decode("utf-8", "replace").removesuffix("\r\n")
    return (("C", text, size(said)),)


def _content_lines(content: Content) -> list[Line]:
    head, body = content.head, content.body
    n_body = body.size if isinstance(body, Filler) else len(body)
    if isinstance(head, bytes) and not body:  # octets from elsewhere: header and body in one
        top, empty, rest = head.partition(b"\r\n\r\n")
        n_body = len(rest) if empty else len(head)
        content = Content(0, content.trace, top + empty if empty else b"", b"")
    else:
        content = content._replace(body=b"")
    text = content.to_bytes().decode("utf-8", "replace")
    is_ascii = text.isascii()
    lines = [
        ("C", line, (len(line) if is_ascii else len(line.encode())) + 2)
        for line in text.splitlines()
    ]
    if n_body:
        lines.append(("C", f"[{n_body} octets of text]", n_body))
    return lines
