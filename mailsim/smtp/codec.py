"""Values to octets, and how long each value is on the wire.

``decode(encode(value)) == value`` for every value (the readers decode), and
``size(value) == len(encode(value))`` without encoding it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Filler, Head
from mailsim.message.address import is_address
from mailsim.smtp.grammar import PREFIX, command_line
from mailsim.smtp.memo import keep
from mailsim.smtp.values import AuthLine, Chunk, Command, FromClient, Reply

__all__ = [
    "encode",
    "encode_reply",
    "has_bare",
    "normalized",
    "reply_size",
    "size",
    "stuff",
    "unstuff",
]

_bare_lf: Final = re.compile(rb"(?<!\r)\n")
_bare_cr: Final = re.compile(rb"\r(?!\n)")


def encode(value: FromClient) -> bytes:
    """Return what a client sends for a value.

    Raises
    ------
    LocalProtocolError
        If the value holds a character that would end the line or the path.
    """
    if isinstance(value, Content):
        return stuff(value.to_bytes())
    if isinstance(value, Chunk):
        return _chunk_head(value) + value.content.to_bytes()
    if isinstance(value, Command):
        path = value.arg if value.verb in PREFIX else ""
        if ("<" in path or ">" in path) and not is_address(path):
            raise LocalProtocolError(f"an angle bracket inside a path: {path!r}")
        line = command_line(value)
    else:
        line = value.text if isinstance(value, AuthLine) else value.line
    if "\r" in line or "\n" in line:
        raise LocalProtocolError(f"a line break inside a command: {line!r}")
    return line.encode("utf-8", "surrogateescape") + b"\r\n"


def _chunk_head(chunk: Chunk) -> bytes:
    return b"BDAT %d%s\r\n" % (chunk.content.size, b" LAST" if chunk.is_last else b"")


_encoded: Final[dict[Reply, bytes]] = {}


def encode_reply(reply: Reply) -> bytes:
    """Return what a server sends for a reply: ``250-`` on all lines but the last."""
    data = _encoded.get(reply)
    return keep(_encoded, reply, _encode_reply(reply)) if data is None else data


def _encode_reply(reply: Reply) -> bytes:
    start = f"{reply.enhanced} " if reply.enhanced else ""
    if len(reply.lines) == 1 and reply.lines[0]:
        line = f"{reply.code} {start}{reply.lines[0]}\r\n"
        return line.encode("utf-8", "surrogateescape")
    texts = [f"{start}{line}" if line else reply.enhanced for line in reply.lines]
    last = len(texts) - 1
    lines = [f"{reply.code}{' ' if i == last else '-'}{text}" for i, text in enumerate(texts)]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "surrogateescape")


def stuff(data: bytes) -> bytes:
    """Return content ready to send: dots doubled, and the lone dot at the end (section 4.5.2)."""
    if not data:
        return b".\r\n"
    stuffed = data.replace(b"\r\n.", b"\r\n..")
    if data.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n")


def unstuff(data: bytes) -> bytes:
    """Return received content, without the lone dot, as it was before dots were doubled."""
    plain = data.replace(b"\r\n.", b"\r\n")
    return plain[1:] if data.startswith(b".") else plain


def has_bare(content: Content | bytes) -> bool:
    """Tell whether there is a CR or LF that is not part of CRLF (RFC 5321 section 2.3.8)."""
    if isinstance(content, bytes):
        n = content.count(b"\r\n")  # three counts are a tenth of one search with a lookbehind
        return not n == content.count(b"\n") == content.count(b"\r")
    parts = (content.head, content.body)  # our own headers and fillers have none
    return any(isinstance(part, bytes) and has_bare(part) for part in parts)


def normalized(data: bytes) -> bytes:
    """Return octets with each bare LF as CRLF, and each bare CR as a space."""
    if not has_bare(data):
        return data
    return _bare_cr.sub(b" ", _bare_lf.sub(b"\r\n", data))


def size(value: FromClient) -> int:
    """Return the octets of a client's value on the wire."""
    if type(value) is Command:
        verb, arg, params = value
        if verb == "MAIL" or verb == "RCPT":
            if not arg.isascii():
                return len(encode(value))
            n = (14 if verb == "MAIL" else 12) + len(arg)
            for keyword, text in params:
                n += len(keyword) + 1
                if text is not None:
                    n += 1 + (len(text) if text.isascii() else len(text.encode()))
            return n
        if arg.isascii():
            return len(verb) + (len(arg) + 3 if arg else 2)
    elif type(value) is Chunk:
        return len(_chunk_head(value)) + value.content.size
    elif type(value) is Content and type(value.body) is Filler and type(value.head) is Head:
        return value.size + 3
    return len(encode(value))


def reply_size(reply: Reply) -> int:
    """Return the octets of a reply on the wire."""
    _, lines, enhanced, _ = reply
    if len(lines) == 1 and (line := lines[0]) and line.isascii():
        return len(line) + (len(enhanced) + 7 if enhanced else 6)
    return _long_reply_size(reply)


@lru_cache(maxsize=1024)
def _long_reply_size(reply: Reply) -> int:
    return len(encode_reply(reply))
