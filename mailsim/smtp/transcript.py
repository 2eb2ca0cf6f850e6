"""What goes over the wire as lines to read: ``C: MAIL FROM:<...>``, ``S: 250 Ok``."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.message import Content, Filler
from mailsim.smtp.codec import encode, encode_reply, size
from mailsim.smtp.values import Chunk, FromClient, Reply

__all__ = ["wire_lines"]


def wire_lines(said: FromClient | Reply) -> Iterator[tuple[str, str, int]]:
    """Iterate over the lines of a value: side, text without CRLF, octets with it.

    Of a content the header comes line by line, the body as one line that tells its size.
    """
    if isinstance(said, Reply):
        for line in encode_reply(said).decode("utf-8", "replace").splitlines():
            yield "S", line, len(line.encode()) + 2
    elif isinstance(said, Content):
        yield from _content_lines(said)
        yield "C", ".", 3
    elif isinstance(said, Chunk):
        head = f"BDAT {said.content.size}{' LAST' if said.is_last else ''}"
        yield "C", head, len(head) + 2
        yield from _content_lines(said.content)
    else:
        yield "C", encode(said).decode("utf-8", "replace").removesuffix("\r\n"), size(said)


def _content_lines(content: Content) -> Iterator[tuple[str, str, int]]:
    head, body = content.head, content.body
    n_body = body.size if isinstance(body, Filler) else len(body)
    if isinstance(head, bytes) and not body:  # octets from elsewhere: header and body in one
        top, empty, rest = head.partition(b"\r\n\r\n")
        n_body = len(rest) if empty else len(head)
        content = Content(0, content.trace, top + empty if empty else b"", b"")
    else:
        content = content._replace(body=b"")
    for line in content.to_bytes().decode("utf-8", "replace").splitlines():
        yield "C", line, len(line.encode()) + 2
    if n_body:
        yield "C", f"[{n_body} octets of text]", n_body
