"""Golden transcripts: what a file in ``tests/golden/smtp`` says.

A transcript is text.  ``S:`` and ``C:`` are lines of server and client, LF standing for CRLF;
``C> `` and ``S> `` are raw octets with the escapes of a Python bytes literal and no line end of
their own, ``C*300> `` the same 300 times.  ``-: TLS`` is a finished handshake, ``-: close`` the
server closing, ``-: lost`` the client hanging up.  Above them stand comments and settings::

    # RFC 3030 section 4.1: simple chunking
    # server: {name: mx.example.net}      settings of ServerConfig
    # client: {name: office.example.org}  ours can be this client; settings of ClientConfig
    # envelope: {sender: a@x, recipients: [b@y], content: "..."}   what it sends, once a message
    # outcome: [250, 550]                 how that ended, by recipient, all messages in order
    # nonce: 1896.697170952               what the server is to put into a challenge
    # client_nonce: rOprNGfwEbeRWgbNEkqO  what the client is to put into SCRAM
    # client only                         a server like this is not ours
    # exact                               the server's texts count, not just its codes
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mailsim.smtp import Reply

FOLDER = Path(__file__).parents[1] / "golden" / "smtp"
_SETTINGS = re.compile(r"# (server|client|envelope|outcome|nonce|client_nonce): (.*)")
_RAW = re.compile(r"([SC])(?:\*(\d+))?> ?(.*)")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")


class Turn(NamedTuple):
    """What one side says until the other does: ``who`` is S, C or ``-`` for an event."""

    who: str
    octets: bytes
    event: str = ""


class Transcript(NamedTuple):
    name: str
    title: str
    turns: tuple[Turn, ...]
    server: dict[str, Any] | None
    client: dict[str, Any] | None
    envelopes: tuple[dict[str, Any], ...]
    outcome: tuple[int, ...]
    nonce: str
    client_nonce: str
    is_exact: bool

    @property
    def has_enhanced_codes(self) -> bool:
        """True if the server offers them somewhere, so that they are compared."""
        return any(b"ENHANCEDSTATUSCODES" in turn.octets for turn in self.turns if turn.who == "S")


def read(path: Path) -> Transcript:
    """Return what a file says."""
    text = path.read_text(encoding="utf-8")
    lines = text.removesuffix("\n").split("\n")
    settings: dict[str, list[Any]] = {}
    flags: set[str] = set()
    turns: list[Turn] = []
    for line in lines:
        if match := _SETTINGS.fullmatch(line):
            settings.setdefault(match[1], []).append(yaml.safe_load(match[2]))
        elif line.startswith("#"):
            flags.add(line)
        elif line:
            turn = _turn(line, path.name)
            if turns and turn.who == turns[-1].who != "-":
                turns[-1] = turns[-1]._replace(octets=turns[-1].octets + turn.octets)
            else:
                turns.append(turn)
    is_ours = "# client only" not in flags
    return Transcript(
        name=path.stem,
        title=lines[0].removeprefix("# "),
        turns=tuple(turns),
        server=settings.get("server", [{"name": "mx.example.net"}])[0] if is_ours else None,
        client=settings.get("client", [None])[0],
        envelopes=tuple(settings.get("envelope", [])),
        outcome=tuple(settings.get("outcome", [()])[0]),
        nonce=str(settings.get("nonce", [""])[0]),
        client_nonce=str(settings.get("client_nonce", [""])[0]),
        is_exact="# exact" in flags,
    )


def _turn(line: str, name: str) -> Turn:
    if match := _RAW.fullmatch(line):
        raw = match[3].encode("latin-1").decode("unicode_escape").encode("latin-1")
        return Turn(match[1], raw * int(match[2] or 1))
    who, colon, rest = line[:1], line[1:2], line[2:].removeprefix(" ")
    if colon != ":" or who not in "SC-":
        raise ValueError(f"{name}: no line of a transcript: {line!r}")
    return Turn("-", b"", rest) if who == "-" else Turn(who, rest.encode() + b"\r\n")


def transcripts() -> list[Transcript]:
    """Return all golden transcripts."""
    return [read(path) for path in sorted(FOLDER.glob("*.txt"))]


def replies(octets: bytes) -> list[Reply]:
    """Return the replies that a server's octets are; an unfinished one is an error."""
    found: list[Reply] = []
    texts: list[str] = []
    lines = octets.decode().split("\r\n")
    assert lines.pop() == "", f"a reply without its end: {octets!r}"
    for line in lines:
        texts.append(line[4:])
        if line[3:4] != "-":
            matches = [_ENHANCED.match(text) for text in texts]
            enhanced = matches[0][1] if matches[0] else ""
            same = bool(enhanced) and all(m and m[1] == enhanced for m in matches)
            cut = len(enhanced) + 1 if same else 0
            found.append(
                Reply(int(line[:3]), tuple(t[cut:] for t in texts), enhanced if same else "")
            )
            texts = []
    assert not texts, f"a reply without its last line: {octets!r}"
    return found
