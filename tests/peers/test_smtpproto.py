"""smtpproto's client machine against ours, in memory."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any

import pytest
from peers.mail import PASSWORD, USER
from peers.needed import module

from mailsim.message import Content
from mailsim.smtp import PAUSED, Reply, ServerConfig, ServerReader, ServerSession, encode_reply

pytestmark = pytest.mark.peer


class Wire:
    """Two machines and the octets between them, handed over one at a time."""

    def __init__(self, **options: Any) -> None:
        self.client = module("smtpproto.protocol").SMTPClientProtocol()
        self.server = ServerSession(ServerConfig("mx.example.net", **options))
        self.reader = ServerReader()
        self.contents: list[bytes] = []
        self._say(self.server.reply(Reply(220, ("mx.example.net ESMTP",))))

    def pump(self) -> Any:
        """Carry what the client has to say, and the reply; return that as the client sees it."""
        self.reader.feed(self.client.get_outgoing_data())
        answer = None
        while (value := self.reader.next(self.server.state)) is not None:
            if isinstance(value, Content):
                self.contents.append(value.to_bytes())
            reply = self.server.receive(value)
            answer = self._say(self._decide() if reply is PAUSED else reply)
        return answer

    def _decide(self) -> Reply:
        claim = self.server.claim
        if claim is None:
            return self.server.reply(self.server.default_reply())
        is_right = (claim.user, claim.password) == (USER, PASSWORD)
        return self.server.reply(Reply(235 if is_right else 535, ("",)))

    def _say(self, reply: Reply) -> Any:
        answer = None
        for octet in encode_reply(reply):
            answer = self.client.feed_bytes(bytes([octet])) or answer
        return answer

    def send(self, message: EmailMessage, *recipients: str) -> int:
        """Send a message; return the code of the last reply."""
        self.client.mail("a@example.org")
        assert self.pump().code == 250
        for recipient in recipients:
            self.client.recipient(recipient)
            assert self.pump().code == 250
        self.client.start_data()
        assert self.pump().code == 354
        self.client.data(message)
        return int(self.pump().code)


def new_message(text: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "hello"
    message["From"] = "a@example.org"
    message.set_content(text)
    return message


def test_three_messages_in_one_session() -> None:
    wire = Wire()
    wire.client.send_greeting("client.example.org")
    assert wire.pump().code == 250
    texts = ["Hello.\n", "Grüße\n", ".\n..\n.dot\n"]
    for text in texts:
        assert wire.send(new_message(text), "b@example.net", "c@example.net") == 250
    bodies = [content.partition(b"\r\n\r\n")[2] for content in wire.contents]
    assert bodies == [text.replace("\n", "\r\n").encode() for text in texts]
    wire.client.quit()
    assert wire.pump().code == 221


@pytest.mark.parametrize(("password", "code"), [(PASSWORD, 235), ("no", 535)])
def test_authenticates(password: str, code: int) -> None:
    wire = Wire(auth="optional")
    wire.client.send_greeting("client.example.org")
    wire.pump()
    secret = base64.b64encode(f"\0{USER}\0{password}".encode()).decode()
    wire.client.authenticate("PLAIN", secret)
    assert wire.pump().code == code
    assert wire.server.user == (USER if code == 235 else "")
