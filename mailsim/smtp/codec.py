"""Octets and values: the grammar of RFC 5321 section 4.1.2, and how long each value is.

Readers take octets in any pieces and give values; they know from the state of their session
what kind of thing comes next.  ``decode(encode(value)) == value`` for every value, and
``size(value) == len(encode(value))`` without encoding it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Content, Filler, Head
from mailsim.message.address import is_address, is_domain
from mailsim.smtp.limits import COMMAND_LINE, LOCAL_PART, PATH, REPLY_LINE
from mailsim.smtp.states import State
from mailsim.smtp.values import AuthLine, BadCommand, Command, FromClient, Reply

__all__ = ["ClientReader", "ServerReader", "encode", "encode_reply", "reply_size", "size"]

_PREFIX = {"MAIL": "MAIL FROM:<", "RCPT": "RCPT TO:<"}
_NO_ARGUMENT = frozenset({"DATA", "RSET", "QUIT", "STARTTLS"})
_ONE_ARGUMENT = frozenset({"HELO", "EHLO", "VRFY", "EXPN", "AUTH"})
_OPTIONAL = frozenset({"NOOP", "HELP"})
_VERBS = _NO_ARGUMENT | _ONE_ARGUMENT | _OPTIONAL | frozenset(_PREFIX)
_NOT_HERE = frozenset({"SEND", "SOML", "SAML", "TURN", "ETRN", "BDAT", "LHLO"})
_PARAM = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]+))?")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search


# -- values to octets ------------------------------------------------------------------------


def encode(value: FromClient) -> bytes:
    """Return what a client sends for a value.

    Raises
    ------
    LocalProtocolError
        If the value holds a character that would end the line or the path.
    """
    if isinstance(value, Content):
        return stuff(value.to_bytes())
    if isinstance(value, Command):
        line = _command_line(value)
    else:
        line = value.text if isinstance(value, AuthLine) else value.line
    if "\r" in line or "\n" in line:
        raise LocalProtocolError(f"a line break inside a command: {line!r}")
    return line.encode("utf-8", "surrogateescape") + b"\r\n"


def _command_line(command: Command) -> str:
    prefix = _PREFIX.get(command.verb)
    if prefix is None:
        return f"{command.verb} {command.arg}" if command.arg else command.verb
    if "<" in command.arg or ">" in command.arg:
        raise LocalProtocolError(f"an angle bracket inside a path: {command.arg!r}")
    params = "".join([f" {k}" if v is None else f" {k}={v}" for k, v in command.params])
    return f"{prefix}{command.arg}>{params}"


def encode_reply(reply: Reply) -> bytes:
    """Return what a server sends for a reply: ``250-`` on all lines but the last."""
    start = f"{reply.enhanced} " if reply.enhanced else ""
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


# -- sizes without octets ---------------------------------------------------------------------


def size(value: FromClient) -> int:
    """Return the octets of a client's value on the wire."""
    if type(value) is Command:
        verb = value.verb
        if verb == "MAIL" or verb == "RCPT":
            if not value.arg.isascii():
                return len(encode(value))
            n = (14 if verb == "MAIL" else 12) + len(value.arg)
            for keyword, text in value.params:
                n += len(keyword) + 1 + (0 if text is None else len(text) + 1)
            return n
        if value.arg.isascii():
            return len(verb) + (len(value.arg) + 3 if value.arg else 2)
    elif type(value) is Content and type(value.body) is Filler and type(value.head) is Head:
        return value.size + 3
    return len(encode(value))


def reply_size(reply: Reply) -> int:
    """Return the octets of a reply on the wire."""
    lines = reply.lines
    if len(lines) == 1 and (line := lines[0]) and line.isascii():
        return len(line) + (len(reply.enhanced) + 7 if reply.enhanced else 6)
    return _long_reply_size(reply)


@lru_cache(maxsize=1024)
def _long_reply_size(reply: Reply) -> int:
    return len(encode_reply(reply))


# -- octets to values -------------------------------------------------------------------------


class ServerReader:
    """What a server reads: octets of a client in, values out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> None:
        """Take some octets, cut anywhere."""
        self._buffer += data

    def next(self, state: State) -> FromClient | None:
        """Return the next value, or None while it is not complete.

        Parameters
        ----------
        state : State
            The state of the server's session, which decides what is being read.
        """
        if state is State.DATA:
            return self._content()
        end = self._buffer.find(b"\r\n", max(self._searched - 1, 0))
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched <= COMMAND_LINE:
                return None
            end = self._searched - 2  # too long already: whatever it will be, it is refused
        raw = self._take(end, 2)
        if len(raw) + 2 > COMMAND_LINE:
            return BadCommand(_text(raw), "", 500, "5.5.6", "Line too long")
        line = _text(raw)
        return AuthLine(line) if state is State.AUTH else parse_command(line)

    def _content(self) -> Content | None:
        buffer = self._buffer
        if buffer.startswith(b".\r\n"):
            self._take(0, 3)
            return Content(0, (), b"", b"")
        end = buffer.find(b"\r\n.\r\n", max(self._searched - 4, 0))
        if end < 0:
            self._searched = len(buffer)
            return None
        return Content.from_bytes(unstuff(self._take(end + 2, 3)))

    def _take(self, end: int, skip: int) -> bytes:
        raw = bytes(self._buffer[:end])
        del self._buffer[: end + skip]
        self._searched = 0
        return raw


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _bad(line: str, verb: str, code: int, enhanced: str, text: str) -> BadCommand:
    return BadCommand(line, verb, code, enhanced, text)


def parse_command(line: str) -> Command | BadCommand:
    """Return the command that a line is, or what is wrong with it."""
    word, _, arg = line.partition(" ")
    verb = word.upper()
    if verb not in _VERBS:
        if verb in _NOT_HERE:
            return _bad(line, "", 502, "5.5.1", "Error: command not implemented")
        return _bad(line, "", 500, "5.5.2", "Error: command not recognized")
    if _CONTROL(line):
        return _bad(line, verb, 501, "5.5.4", "Syntax error: control character")
    arg = arg.strip(" ")
    if verb in _PREFIX:
        return _parse_path(line, verb, arg)
    if verb in _NO_ARGUMENT and arg:
        return _bad(line, verb, 501, "5.5.4", f"Syntax: {verb}")
    if verb in _ONE_ARGUMENT and not arg:
        return _bad(line, verb, 501, "5.5.4", f"Syntax: {verb} argument")
    if verb in ("HELO", "EHLO") and not is_domain(arg):
        return _bad(line, verb, 501, "5.5.4", f"Syntax: {verb} hostname")
    return Command(verb, arg)


def _parse_path(line: str, verb: str, arg: str) -> Command | BadCommand:
    syntax = f"Syntax: {_PREFIX[verb]}address>"
    start = _PREFIX[verb].partition(" ")[2]
    if arg[: len(start) - 1].upper() != start[:-1]:
        return _bad(line, verb, 501, "5.5.4", syntax)
    # Space after the colon is wrong (section 4.1.1), and so common that servers take it.
    rest = arg[len(start) - 1 :].lstrip(" ")
    path, bracket, tail = rest[1:].partition(">")
    if not rest.startswith("<") or not bracket or (tail and not tail.startswith(" ")):
        return _bad(line, verb, 501, "5.5.4", syntax)
    if path.startswith("@") and ":" in path:  # a source route: parse it, strip it (section 4.1.1.3)
        path = path.rpartition(":")[2]
    if len(path) + 2 > PATH or len(path.rpartition("@")[0]) > LOCAL_PART:
        return _bad(line, verb, 501, "5.1.7" if verb == "MAIL" else "5.1.3", "Path too long")
    is_special = path == "" if verb == "MAIL" else path.lower() == "postmaster"
    if not is_special and not is_address(path):
        return _bad(line, verb, 501, "5.1.7" if verb == "MAIL" else "5.1.3", "Bad address syntax")
    params = []
    for word in tail.split():
        match = _PARAM.fullmatch(word)
        if match is None:
            return _bad(line, verb, 501, "5.5.4", "Bad parameter syntax")
        params.append((match[1].upper(), match[2]))
    return Command(verb, path, tuple(params))


class ClientReader:
    """What a client reads: octets of a server in, replies out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: list[tuple[str, str]] = []

    def feed(self, data: bytes) -> None:
        """Take some octets, cut anywhere."""
        self._buffer += data

    def next(self) -> Reply | None:
        """Return the next reply, or None while it is not complete.

        Raises
        ------
        RemoteProtocolError
            If what comes is no reply.
        """
        buffer, lines = self._buffer, self._lines
        while (end := buffer.find(b"\n")) >= 0:
            raw = bytes(buffer[:end]).removesuffix(b"\r")
            del buffer[: end + 1]
            line = _text(raw)
            code, separator, text = line[:3], line[3:4], line[4:]
            if not re.fullmatch("[2-5][0-9][0-9]", code) or separator not in ("", " ", "-"):
                raise RemoteProtocolError(f"no SMTP reply: {line[:80]!r}")
            if lines and lines[0][0] != code:
                raise RemoteProtocolError(f"a reply of several codes: {lines[0][0]} and {code}")
            lines.append((code, text))
            if separator != "-":
                self._lines = []
                return _reply(int(code), [text for _, text in lines])
        if len(buffer) > REPLY_LINE or len(lines) > 1000:
            raise RemoteProtocolError("a reply that does not end")
        return None


def _reply(code: int, texts: list[str]) -> Reply:
    matches = [_ENHANCED.match(text) for text in texts]
    first = matches[0]
    enhanced = first[1] if first and first[1][0] == str(code)[0] else ""
    if not enhanced or any(match is None or match[1] != enhanced for match in matches):
        return Reply(code, tuple(texts))
    return Reply(code, tuple([text[len(enhanced) + 1 :] for text in texts]), enhanced)
