"""Command lines: the grammar of RFC 5321 section 4.1.

::

    mail = "MAIL FROM:" ( Path / "<>" ) [SP Mail-parameters]
    rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Path ) [SP Rcpt-parameters]
    Path = "<" [ A-d-l ":" ] Mailbox ">"
    esmtp-param = esmtp-keyword ["=" esmtp-value]

A source route (A-d-l) is parsed and stripped (section 4.1.1.3).  Verbs and keywords know no
case.  Space after the colon or before the line's end is wrong, and so common that it is taken
(section 4.1.1).  An esmtp-value has no ``=``, but Postfix's ``XVERP=+=`` has (VERP_README).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from mailsim.message import Params
from mailsim.message.address import is_address, is_domain, is_route
from mailsim.smtp.limits import DOMAIN, LOCAL_PART, PATH
from mailsim.smtp.values import Command, Garbage, Reply

__all__ = ["PREFIX", "from_xtext", "is_xtext", "parse_command", "to_xtext"]

PREFIX: Final = {"MAIL": "MAIL FROM:<", "RCPT": "RCPT TO:<"}
_NO_ARGUMENT: Final = frozenset({"DATA", "RSET", "QUIT", "STARTTLS"})
_ONE_ARGUMENT: Final = frozenset({"HELO", "EHLO", "LHLO", "VRFY", "EXPN", "AUTH"})
_OPTIONAL: Final = frozenset({"NOOP", "HELP"})
_VERBS: Final = _NO_ARGUMENT | _ONE_ARGUMENT | _OPTIONAL | frozenset(PREFIX)
_NOT_HERE: Final = frozenset({"SEND", "SOML", "SAML", "TURN", "ETRN", "ATRN", "BURL"})
_PARAM: Final = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9-]*)"
    r"(?:=((?i:(?<=XVERP=)[-=+]{2})|[^\x00-\x20=\x7f\ud800-\udfff]+))?"
).fullmatch
_PATH: Final = re.compile(
    r'<(?:(@[^:<>]*):)?((?:"(?:[^"\\]|\\.)*"|[^"<>])*)>(?: +(.*))?', re.DOTALL
).fullmatch
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]").search
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]").search
_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*").fullmatch

_UNKNOWN: Final = Reply(500, ("Error: command not recognized",), "5.5.2")
_UNIMPLEMENTED: Final = Reply(502, ("Error: command not implemented",), "5.5.1")
_CONTROLS: Final = Reply(501, ("Syntax error: control character",), "5.5.4")
_NO_UTF8: Final = Reply(501, ("Syntax error: octets that are no UTF-8",), "5.5.4")
_TOO_LONG: Final = {
    "MAIL": Reply(501, ("Path too long",), "5.1.7"),
    "RCPT": Reply(501, ("Path too long",), "5.1.3"),
}
_BAD_PARAM: Final = Reply(501, ("Bad parameter syntax",), "5.5.4")
_BAD_ADDRESS: Final = {
    "MAIL": Reply(501, ("Bad sender address syntax",), "5.1.7"),
    "RCPT": Reply(501, ("Bad recipient address syntax",), "5.1.3"),
}


@lru_cache(maxsize=4096)
def parse_command(line: str) -> Command | Garbage:
    """Return the command that a line is, or what is wrong with it.

    BDAT is the reader's own: octets follow it.

    Parameters
    ----------
    line : str
        Without its line end; octets that are no UTF-8 as surrogates.
    """
    word, _, arg = line.partition(" ")
    # White space before CRLF is taken (section 4.1.1).  The capital of U+017F is an S.
    verb = word.rstrip("\t").upper() if word.isascii() else ""
    if verb not in _VERBS:
        return Garbage(line, "", _UNIMPLEMENTED if verb in _NOT_HERE else _UNKNOWN)
    arg = arg.strip(" \t")
    if _CONTROL(arg):
        return Garbage(line, verb, _CONTROLS)
    if verb in PREFIX:
        return _parse_path(line, verb, arg)
    if _SURROGATE(arg):
        return Garbage(line, verb, _NO_UTF8)
    if verb in _NO_ARGUMENT and arg:
        return _wrong(line, verb, f"Syntax: {verb}")
    if verb in _ONE_ARGUMENT and not arg:
        return _wrong(line, verb, f"Syntax: {verb} argument")
    if verb in ("HELO", "EHLO", "LHLO") and not (
        is_domain(arg) and arg.isascii() and len(arg) <= DOMAIN  # RFC 6531 section 3.7.1
    ):
        return _wrong(line, verb, f"Syntax: {verb} hostname")
    return Command(verb, arg)


def _wrong(line: str, verb: str, text: str) -> Garbage:
    return Garbage(line, verb, Reply(501, (text,), "5.5.4"))


def _parse_path(line: str, verb: str, arg: str) -> Command | Garbage:
    start = PREFIX[verb].partition(" ")[2][:-1]
    match = _PATH(arg[len(start) :].lstrip(" "))
    if match is None or arg[: len(start)].upper() != start:
        return _wrong(line, verb, f"Syntax: {PREFIX[verb]}address>")
    route, path, tail = match.groups()
    local, _, domain = path.rpartition("@")
    if _size(path) + 2 > PATH or _size(local) > LOCAL_PART or _size(domain) > DOMAIN:
        return Garbage(line, verb, _TOO_LONG[verb])
    # "Postmaster" needs no domain, in any case of letters (section 4.5.1).
    is_special = not path if verb == "MAIL" else path.lower() == "postmaster"
    if (not is_special and not is_address(path)) or (route and not is_route(route)):
        return Garbage(line, verb, _BAD_ADDRESS[verb])
    params: list[tuple[str, str | None]] = []
    for word in (tail or "").split():
        found = _PARAM(word)
        if found is None:
            return Garbage(line, verb, _BAD_PARAM)
        params.append((found[1].upper(), found[2]))
    return Command(verb, path, tuple(params))


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def command_line(command: Command) -> str:
    """Return the line that a command is, without its line end."""
    prefix = PREFIX.get(command.verb)
    if prefix is None:
        return f"{command.verb} {command.arg}" if command.arg else command.verb
    return f"{prefix}{command.arg}>{params_text(command.params)}"


def params_text(params: Params) -> str:
    """Return ESMTP parameters as they stand in a line, with a space before each."""
    return "".join([f" {k}" if v is None else f" {k}={v}" for k, v in params])


def is_xtext(text: str) -> bool:
    """Tell whether ``text`` is xtext (RFC 3461 section 4), the encoding of some parameters."""
    return _XTEXT(text) is not None


def to_xtext(text: str) -> str:
    """Return ``text`` as xtext: ``+``, ``=`` and all but printable ASCII as ``+XX``."""
    encode = ((chr(b) if 33 <= b <= 126 and b not in b"+=" else f"+{b:02X}") for b in text.encode())
    return "".join(encode)


def from_xtext(text: str) -> str:
    """Return what some xtext says; octets that are no UTF-8 become U+FFFD.

    The digits may be small ones: RFC 3461 wants capitals, RFC 4954 does not.
    """
    octets = re.sub(r"\+([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)
    return octets.encode("latin-1", "replace").decode("utf-8", "replace")
