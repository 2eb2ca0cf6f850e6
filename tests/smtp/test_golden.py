"""The golden transcripts, each replayed by our server and, where marked, by our client.

On the server's side a reply that a driver owes is taken from the file; what the machine says by
itself must agree with it in code and enhanced code, and an EHLO reply in its keywords.  A driver
never owes a reply about syntax, order or limits: there the machine has to find the fault.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from smtp.golden import Transcript, Turn, replies, transcripts

from mailsim.errors import RemoteProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp import (
    ClientConfig,
    ClientConnection,
    Credentials,
    Reply,
    ServerConfig,
    ServerConnection,
    State,
)

ALL = transcripts()
SPLITS = ["whole", "turns", "octets", "trailing"]
CONTENT = "Subject: test\r\n\r\nhello\r\n"
_MACHINE_CODES = {500, 501, 502, 503, 504, 521, 530, 555}
_MACHINE_ENHANCED = re.compile(r"[45]\.5\.\d+|5\.3\.4|5\.6\.7")


def _cases(which: list[Transcript]) -> list[Any]:
    return [pytest.param(t, id=t.name) for t in which]


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """Return settings as the configurations want them: tuples for lists."""
    settings = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    if "ask" in settings:
        settings["ask"] = frozenset(settings["ask"])
    if "credentials" in settings:
        settings["credentials"] = Credentials(*settings["credentials"])
    return settings


def _pieces(octets: bytes, split: str) -> Iterator[bytes]:
    if split == "octets":
        for index in range(len(octets)):
            yield octets[index : index + 1]
    else:
        yield octets


# -- server -----------------------------------------------------------------------------------


class ServerReplay:
    """Our server, and a driver that says what the file says."""

    def __init__(self, transcript: Transcript) -> None:
        assert transcript.server is not None
        self.script = [
            reply for turn in transcript.turns if turn.who == "S" for reply in replies(turn.octets)
        ]
        config = ServerConfig(**_settings(transcript.server))
        self.connection = (
            ServerConnection(config, nonce=transcript.nonce)
            if (transcript.nonce)
            else ServerConnection(config)
        )
        self.said: list[Reply] = []
        self.octets = b""
        self.connection.reply(self.script[0])
        self.collect()

    def collect(self) -> None:
        out = self.connection.data_to_send()
        self.octets += out
        self.said += replies(out)

    def hear(self, octets: bytes) -> None:
        """Give the server some octets, and the driver's replies."""
        if self.connection.state is State.CLOSED:
            return
        self.connection.receive_data(octets)
        while self.connection.advance() is not None or self.connection.take_delay():
            while self.connection.session.awaited:
                self.collect()
                self.connection.reply(self.driver())
        self.collect()

    def driver(self) -> Reply:
        """Return what the file says next."""
        index = len(self.said)
        if index >= len(self.script):
            return Reply(250, ("after the end",), "2.0.0")
        reply = self.script[index]
        machines = reply.code in _MACHINE_CODES or _MACHINE_ENHANCED.match(reply.enhanced)
        assert not machines, f"the machine should say by itself: {reply}"
        return reply


def _same(said: Reply, script: Reply, *, enhanced: bool) -> bool:
    is_hello = len(script.lines) > 1 and script.code == 250
    return (
        said.code == script.code
        and (not enhanced or said.enhanced == script.enhanced)
        and (not is_hello or set(said.lines[1:]) == set(script.lines[1:]))
    )


def _agree(replay: ServerReplay, n: int, transcript: Transcript) -> None:
    enhanced = transcript.has_enhanced_codes
    said = [str(reply) for reply in replay.said]
    script = [str(reply) for reply in replay.script[:n]]
    assert len(said) >= n, f"said {said}, not {script}"
    for index in range(n):
        same = _same(replay.said[index], replay.script[index], enhanced=enhanced)
        assert same, f"reply {index}: said {said[index]!r}, not {script[index]!r}"


def _server_pieces(turns: tuple[Turn, ...], split: str) -> list[Turn]:
    """Return the turns; in one piece up to each handshake if ``split`` does not keep them."""
    if split in ("turns", "octets"):
        return list(turns)
    merged: list[Turn] = [Turn("C", b"")]
    for turn in turns:
        if turn.who == "C":
            merged[-1] = merged[-1]._replace(octets=merged[-1].octets + turn.octets)
        elif turn.event == "TLS":
            merged += [turn, Turn("C", b"")]
    if split == "trailing":
        merged[-1] = merged[-1]._replace(octets=merged[-1].octets + b"\r\n.\r\nNOOP\r\n")
    return merged


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("transcript", _cases([t for t in ALL if t.server is not None]))
def test_our_server(transcript: Transcript, split: str) -> None:
    replay = ServerReplay(transcript)
    n = 0
    for turn in _server_pieces(transcript.turns, split):
        if turn.event == "TLS":
            replay.connection.tls_done()
        elif turn.who == "C":
            for piece in _pieces(turn.octets, split):
                replay.hear(piece)
        elif turn.who == "S":
            n += len(replies(turn.octets))
            _agree(replay, n, transcript)
            assert len(replay.said) == n, f"said too much: {[str(r) for r in replay.said[n:]]}"
    script = b"".join(turn.octets for turn in transcript.turns if turn.who == "S")
    _agree(replay, len(replay.script), transcript)
    if split != "trailing":
        assert len(replay.said) == len(replay.script)
    if transcript.is_exact:
        assert replay.octets[: len(script)] == script
    if transcript.turns[-1].event == "close":
        assert len(replay.said) == len(replay.script)
        assert replay.connection.state is State.CLOSED


# -- client -----------------------------------------------------------------------------------


class ClientReplay:
    """Our client with its messages, one after the other, and QUIT after the last."""

    def __init__(self, transcript: Transcript) -> None:
        assert transcript.client is not None
        config = ClientConfig(**_settings(transcript.client))
        self.connection = ClientConnection(config, nonce=transcript.client_nonce)
        self.messages = [
            (
                Envelope(message["sender"], tuple(message["recipients"])),
                Content.from_bytes(message.get("content", CONTENT).encode()),
            )
            for message in transcript.envelopes
        ]
        self.transactions: list[Any] = []
        self.said = b""
        self.go_on()

    def go_on(self) -> None:
        """Say what there is to say: a transaction, the next one, QUIT."""
        self.said += self.connection.data_to_send()
        while not self.transactions or self.transactions[-1].final is not None:
            if len(self.transactions) == len(self.messages):
                self.connection.quit()
                self.said += self.connection.data_to_send()
                return
            message = self.messages[len(self.transactions)]
            self.transactions.append(self.connection.begin(*message))
            self.said += self.connection.data_to_send()

    def hear(self, octets: bytes) -> None:
        self.connection.receive_data(octets)
        self.go_on()


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("transcript", _cases([t for t in ALL if t.client is not None]))
def test_our_client(transcript: Transcript, split: str) -> None:
    replay = ClientReplay(transcript)
    said = b""
    for turn in transcript.turns:
        if turn.event == "TLS":
            replay.connection.tls_done()
            replay.go_on()
        elif turn.who == "C":
            said += turn.octets
            assert replay.said == said
        elif turn.who == "S":
            for piece in _pieces(turn.octets, split):
                replay.hear(piece)
    if split == "trailing":
        with contextlib.suppress(RemoteProtocolError):
            replay.hear(b"250 2.0.0 nobody asked\r\n")
    assert replay.said == said
    codes = [
        transaction.reply_to(index).code
        for transaction in replay.transactions
        for index in range(len(transaction.envelope.recipients))
    ]
    assert not transcript.outcome or codes == list(transcript.outcome)


# -- the files --------------------------------------------------------------------------------


def test_there_are_many_and_each_says_its_source() -> None:
    assert len(ALL) >= 60
    for transcript in ALL:
        assert re.match(r"(RFC \d{4} |Postfix|CVE)", transcript.title), transcript.name
        assert transcript.turns[0].who == "S", transcript.name
        assert transcript.client is None or transcript.envelopes, transcript.name
