r"""What a server reads: octets of a client in, values out.

A line ends in CRLF, and content ends at ``<CRLF>.<CRLF>`` and nowhere else (RFC 5321 section
4.1.1.4).  A server that is lenient about either lets one client's content pass for another
client's commands (SMTP smuggling, CVE-2023-51764), so what it does with a bare LF is a choice:

``strict``
    A bare LF or CR ends nothing; a command or a content that has one is refused (Postfix:
    ``smtpd_forbid_bare_newline = reject``, and the same for CR).
``normalize``
    A bare LF ends a line, but content still ends at the true end only; in it a bare LF becomes
    CRLF and a bare CR a space (``normalize`` of Postfix 3.9 and later).
``legacy``
    LF with or without CR ends a line, and the lone dot may be such a line (Postfix before 3.9).

Time is linear in the octets however they are cut, and no more is kept than a line, or a content
within the size limit: what exceeds it is counted, dropped and refused at its end.
"""

from __future__ import annotations

import re
from typing import Final

from mailsim.message import Content
from mailsim.smtp.codec import has_bare, normalized, unstuff
from mailsim.smtp.grammar import parse_command
from mailsim.smtp.limits import AUTH_LINE, COMMAND_LINE
from mailsim.smtp.memo import keep
from mailsim.smtp.states import State
from mailsim.smtp.values import AuthLine, Chunk, Command, FromClient, Garbage, Reply

__all__ = ["LINE_ENDINGS", "ServerReader"]

LINE_ENDINGS: Final = ("strict", "normalize", "legacy")

_LINE_TOO_LONG: Final = Reply(500, ("Line too long",), "5.5.6")
_AUTH_TOO_LONG: Final = Reply(500, ("Authentication exchange line is too long",), "5.5.6")
_BARE: Final = Reply(550, ("Error: bare <LF> or <CR> received",), "5.5.2")
_TOO_LARGE: Final = Reply(552, ("Message size exceeds fixed limit",), "5.3.4")
_BAD_CHUNK: Final = Reply(421, ("Syntax: BDAT count [LAST]",), "4.5.4")
"""421: what follows cannot be told apart from commands, so the session ends."""

_DATA: Final = State.DATA
_AUTH: Final = State.AUTH
_legacy_end = re.compile(rb"(?:\A|\n)(\.\r?\n)").search
_chunk: Final = re.compile(
    r"BDAT +([0-9]{1,20})( +LAST)?[ \t]*", re.IGNORECASE | re.ASCII
).fullmatch


class ServerReader:
    """Cuts octets into values.

    Parameters
    ----------
    max_content : int
        Octets of the largest content kept; 0 for no limit.
    line_endings : str
        One of :data:`LINE_ENDINGS`.
    """

    __slots__ = (
        "_buffer",
        "_chunk",
        "_dropped",
        "_fresh",
        "_is_too_long",
        "_line_endings",
        "_max",
        "_seen",
    )

    def __init__(self, max_content: int = 0, line_endings: str = "strict") -> None:
        self._max = max_content
        self._line_endings = line_endings
        self._fresh = b""  # octets that came when there were no others; mostly they are a value
        self._buffer = bytearray()
        self._seen = 0  # octets of the buffer known to hold no end
        self._dropped = 0  # octets of the content under way that were not kept
        self._is_too_long = False  # the line under way has been given up
        self._chunk: tuple[int, bool] | None = None

    def feed(self, data: bytes) -> None:
        """Take some octets, cut anywhere."""
        if self._fresh or self._buffer:
            self._buffer_fresh()
            self._buffer += data
        else:
            self._fresh = data

    def _buffer_fresh(self) -> None:
        self._buffer += self._fresh
        self._fresh = b""

    def clear(self) -> None:
        """Forget all octets not read yet: what came in the clear after STARTTLS (RFC 3207)."""
        self._fresh = b""
        self._buffer.clear()
        self._seen = 0

    def next(self, state: State) -> FromClient | None:
        """Return the next value, or None while it is not complete.

        Parameters
        ----------
        state : State
            The state of the server's session, which decides what is being read.
        """
        if state is _DATA:
            return self._content()
        if self._chunk is not None:
            return self._chunk_content()
        return self._line(is_auth=state is _AUTH) if self._fresh or self._buffer else None

    # -- lines ----------------------------------------------------------------------------

    def _cut_line(self) -> bytes | None:
        """Take a line without its end; None while it has none."""
        fresh = self._fresh
        if fresh:
            if fresh.find(b"\n") == len(fresh) - 1 and fresh.endswith(b"\r\n"):
                self._fresh = b""
                return fresh[:-2]
            self._buffer_fresh()
        buffer, is_strict = self._buffer, self._line_endings == "strict"
        seen = self._seen
        end = buffer.find(b"\r\n" if is_strict else b"\n", seen - 1 if seen else 0)
        if end < 0:
            self._seen = len(buffer)
            if self._seen > AUTH_LINE:  # longer than any; keep its start, wait for its end
                self._is_too_long = True
                self._shrink(COMMAND_LINE)
            return None
        raw = bytes(buffer[:end]) if is_strict else bytes(buffer[:end]).removesuffix(b"\r")
        self._drop(end + (2 if is_strict else 1))
        return raw

    def _line(self, *, is_auth: bool) -> FromClient | None:
        raw = self._cut_line()
        if raw is None:
            return None
        if not is_auth and not self._is_too_long:
            command = _commands.get(raw)  # the same ones come again and again
            if command is None:
                command = _plain_command(raw)
            if command is not None:
                return command
        is_long = is_auth or raw[:5].upper() == b"AUTH "
        limit = AUTH_LINE if is_long else COMMAND_LINE
        line = raw.decode("utf-8", "surrogateescape")
        if self._is_too_long or len(raw) + 2 > limit:
            self._is_too_long = False
            reply = _AUTH_TOO_LONG if is_long else _LINE_TOO_LONG
            return Garbage(
                _one_line(raw[:COMMAND_LINE].decode("utf-8", "surrogateescape")), "", reply
            )
        if is_auth:
            return AuthLine(_one_line(line))
        if raw[:4].upper() == b"BDAT" and raw[4:5] in (b" ", b"\t", b""):
            return self._start_chunk(_one_line(line))
        value = parse_command(line)
        if type(value) is Garbage and (b"\n" in raw or b"\r" in raw):
            return value._replace(line=_one_line(line))
        return value

    def _shrink(self, kept: int) -> None:
        """Keep the start of an endless line, and the octet that may be half of its end."""
        del self._buffer[kept:-1]
        self._seen = len(self._buffer)

    def _drop(self, n: int) -> None:
        del self._buffer[:n]
        self._seen = 0

    # -- DATA -----------------------------------------------------------------------------

    def _cut_content(self) -> bytes | None:
        """Take a content without the lone dot; None while that has not come."""
        fresh, is_legacy = self._fresh, self._line_endings == "legacy"
        if fresh:
            is_begun = not is_legacy and not fresh.startswith(b".\r\n")
            end = fresh.find(b"\r\n.\r\n") if is_begun else -1
            if end >= 0 and end == len(fresh) - 5:  # four octets make that -1 as well
                self._fresh = b""
                return fresh[:-3]
            self._buffer_fresh()
        buffer = self._buffer
        if is_legacy:
            match = _legacy_end(buffer, max(self._seen - 4, 1 if self._dropped else 0))
            found = None if match is None else (match.start(1), match.end(1))
        elif not self._dropped and buffer.startswith(b".\r\n"):
            found = (0, 3)
        else:
            end = buffer.find(b"\r\n.\r\n", max(self._seen - 4, 0))
            found = None if end < 0 else (end + 2, end + 5)
        if found is None:
            self._seen = len(buffer)
            if self._max and self._seen > 2 * self._max + 4096:
                # Dots doubled everywhere would at most double it, so it is too large for sure.
                self._dropped += self._seen - 4
                del buffer[:-4]
                self._seen = 4
            return None
        data = bytes(buffer[: found[0]])
        self._drop(found[1])
        return data

    def _content(self) -> Content | Garbage | None:
        data = self._cut_content()
        if data is None:
            return None
        if self._dropped:
            self._dropped = 0
            return Garbage("", "CONTENT", _TOO_LARGE)
        is_strict = self._line_endings == "strict"
        content = unstuff(data if is_strict else normalized(data))
        if self._max and len(content) > self._max:
            return Garbage("", "CONTENT", _TOO_LARGE)
        if is_strict and has_bare(data):
            return Garbage("", "CONTENT", _BARE)
        return Content.from_bytes(content)

    # -- BDAT -----------------------------------------------------------------------------

    def _start_chunk(self, line: str) -> FromClient | None:
        match = _chunk(line)
        if match is None:
            return Garbage(line, "", _BAD_CHUNK)
        self._chunk = (int(match[1]), match[2] is not None)
        return self._chunk_content()

    def _chunk_content(self) -> Chunk | Garbage | None:
        """Return the chunk under way; one too large is swallowed whole all the same."""
        assert self._chunk is not None
        n, is_last = self._chunk
        self._buffer_fresh()
        buffer = self._buffer
        if self._max and n > self._max:
            swallowed = min(len(buffer), n - self._dropped)
            self._dropped += swallowed
            self._drop(swallowed)
            if self._dropped < n:
                return None
            self._dropped, self._chunk = 0, None
            return Garbage("", "BDAT_LAST" if is_last else "BDAT", _TOO_LARGE)
        if len(buffer) < n:
            return None
        data = bytes(buffer[:n])
        self._drop(n)
        self._chunk = None
        return Chunk(Content.from_bytes(data), is_last)


_commands: Final[dict[bytes, Command]] = {}


def _plain_command(raw: bytes) -> Command | None:
    """Return the command that a line is, if there is nothing special about it: most are so."""
    if len(raw) + 2 > COMMAND_LINE or b"\r" in raw or b"\n" in raw or raw[:4].upper() == b"BDAT":
        return None
    value = parse_command(raw.decode("utf-8", "surrogateescape"))
    if type(value) is not Command:
        return None
    return keep(_commands, raw, value)


def _one_line(text: str) -> str:
    """Return a line that bare CR or LF would break, fit to be shown and encoded again."""
    return text.replace("\r", " ").replace("\n", " ")
