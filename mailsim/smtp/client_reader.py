"""What a client reads: octets of a server in, replies out.

Source: RFC 5321 section 4.2.1.  A reply may have lines without text, may end in a bare LF (a
client need not be strict) and may have a code that no RFC knows: its first digit decides.
"""

from __future__ import annotations

import re
from typing import Final

from mailsim.errors import RemoteProtocolError
from mailsim.smtp.limits import REPLY_LINE, REPLY_LINES
from mailsim.smtp.values import Reply

__all__ = ["ClientReader"]

_line: Final = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*?))?\r*", re.DOTALL).fullmatch
_enhanced: Final = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)").match


class ClientReader:
    """Cuts octets into replies."""

    __slots__ = ("_buffer", "_code", "_texts")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._code = b""
        self._texts: list[str] = []

    def feed(self, data: bytes) -> None:
        """Take some octets, cut anywhere."""
        self._buffer += data

    def clear(self) -> None:
        """Forget all octets not read yet: what came in the clear after STARTTLS (RFC 3207)."""
        self._buffer.clear()
        self._texts = []

    def next(self) -> Reply | None:
        """Return the next reply, or None while it is not complete.

        Raises
        ------
        RemoteProtocolError
            If what comes is no reply, or one without end.
        """
        buffer, texts = self._buffer, self._texts
        while (end := buffer.find(b"\n")) >= 0:
            raw = bytes(buffer[:end])
            del buffer[: end + 1]
            match = _line(raw)
            if match is None or end > REPLY_LINE:
                shown = raw[:80].decode("utf-8", "replace")
                raise RemoteProtocolError(f"no SMTP reply: {shown!r}")
            code, separator, text = match.groups()
            if texts and code != self._code:
                raise RemoteProtocolError(
                    f"a reply of several codes: {self._code.decode()} and {code.decode()}"
                )
            self._code = code
            texts.append((text or b"").decode("utf-8", "surrogateescape"))
            if separator != b"-":
                self._texts = []
                return _reply(int(code), texts)
            if len(texts) > REPLY_LINES:
                raise RemoteProtocolError("a reply that does not end")
        if len(buffer) > REPLY_LINE:
            raise RemoteProtocolError("a reply line that does not end")
        return None


def _reply(code: int, texts: list[str]) -> Reply:
    """Return a reply; the enhanced code counts if every line bears it (RFC 2034 section 4)."""
    first = _enhanced(texts[0])
    enhanced = first[1] if first and first[1][0] == str(code)[0] else ""
    if enhanced:
        starts = [_enhanced(text) for text in texts]
        if all(start is not None and start[1] == enhanced for start in starts):
            n = len(enhanced) + 1
            return Reply(code, tuple([text[n:] for text in texts]), enhanced)
    return Reply(code, tuple(texts))
