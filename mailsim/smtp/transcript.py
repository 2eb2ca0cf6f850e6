"""What goes over the wire as lines to read: ``C: MAIL FROM:<...>``, ``S: 250 Ok``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mailsim.message import Content, Filler
from mailsim.message.legible import lines_of
from mailsim.smtp.codec import encode, encode_reply
from mailsim.smtp.memo import keep
from mailsim.smtp.values import Chunk, FromClient, Reply

__all__ = ["Wire", "wire_lines", "wire_octets"]

Wire = tuple[str, bytes, int, int]
"""Side, its lines, and which of them stands for other octets than its own, and for how many.

Each line is ended by CRLF.  Lines are counted from the last, -1; 0 where there is none such.
"""
Line = tuple[str, str, int]
_HEADER_LIMIT: Final = 102_400
"""Octets of a header that are shown; the rest is body (Postfix: ``header_size_limit``)."""
_wires: Final[dict[FromClient, Wire]] = {}
_lines: Final[dict[FromClient | Reply, Sequence[Line]]] = {}


def wire_octets(said: FromClient | Reply) -> Wire:
    """Return what goes over the wire for a value, but the body of a content.

    That is one line, which tells its size.
    """
    if isinstance(said, Reply):
        return "S", encode_reply(said), 0, 0
    if type(said) is Content:
        top, n_body = _parts(said)
        return "C", top + b".\r\n", -2 if n_body else 0, n_body
    if type(said) is Chunk:
        head = b"BDAT %d%s\r\n" % (said.content.size, b" LAST" if said.is_last else b"")
        top, n_body = _parts(said.content)
        return "C", head + top, -1 if n_body else 0, n_body
    wire = _wires.get(said)  # the same commands come again and again
    return keep(_wires, said, ("C", encode(said), 0, 0)) if wire is None else wire


def wire_lines(said: FromClient | Reply) -> Sequence[Line]:
    """Return the lines of a value: side, text without CRLF, octets with it."""
    if type(said) is Content or type(said) is Chunk:
        return _split(wire_octets(said))
    lines = _lines.get(said)
    return keep(_lines, said, _split(wire_octets(said))) if lines is None else lines


def _split(wire: Wire) -> Sequence[Line]:
    side, octets, odd, n_odd = wire
    lines = [(side, text, n) for text, n in lines_of(octets)]
    if odd:
        lines[odd] = (side, lines[odd][1], n_odd)
    return tuple(lines)


def _parts(content: Content) -> tuple[bytes, int]:
    """Return the header of a content and a line for its body; and the octets of that."""
    trace, head, body = content.trace, content.head, content.body
    if not isinstance(head, bytes) or body:
        top = Content(0, trace, head, b"").to_bytes()
        n_body = body.size if isinstance(body, Filler) else len(body)
    else:  # octets from elsewhere: header and body in one
        end = _header_end(head)
        top, n_body = head[:end], len(head) - end
        if trace:
            top = Content(0, trace, top, b"").to_bytes()
    return top + b"[%d octets of text]\r\n" % n_body if n_body else top, n_body


def _header_end(data: bytes) -> int:
    """Return how many octets of a message are shown as its header."""
    empty = data.find(b"\r\n\r\n")
    if empty < 0:
        return 0
    if empty + 4 <= _HEADER_LIMIT:
        return empty + 4
    last = data.rfind(b"\r\n", 0, _HEADER_LIMIT)
    return last + 2 if last >= 0 else 0
