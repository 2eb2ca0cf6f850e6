"""8BITMIME (RFC 6152)."""

from __future__ import annotations

import pytest
from smtp.helpers import EHLO, client_in_ready, codes, delivered, greeted, said

from mailsim.message import Content, Envelope, to_seven_bit
from mailsim.smtp import Command

pytestmark = pytest.mark.row("X-8BITMIME")
EIGHT = Content.from_bytes(
    b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa4\r\n"
)
ENVELOPE = Envelope("a@b", ("c@d",))


@pytest.mark.parametrize(
    ("value", "code"), [("8BITMIME", 250), ("7bit", 250), ("BINARYMIME", 501), (None, 501)]
)
def test_body(value: str | None, code: int) -> None:
    server = greeted()
    mail = Command("MAIL", "a@example.org", (("BODY", value),))
    replies = said(server, EHLO, mail)
    assert "8BITMIME" in replies[0].lines
    assert replies[1].code == code


def test_where_it_is_not_offered() -> None:
    mail = Command("MAIL", "a@b", (("BODY", "8BITMIME"),))
    assert codes(greeted(extension_names=()), EHLO, mail) == [250, 555]


def test_a_client_declares_octets_above_127() -> None:
    client = client_in_ready("8BITMIME")
    client.begin(ENVELOPE, EIGHT)
    assert client.flight() == (Command("MAIL", "a@b", (("BODY", "8BITMIME"),)),)


def test_they_go_to_no_other_server() -> None:
    options: dict[str, object] = {"extension_names": (), "tls": "none"}
    transaction, verbs, _ = delivered(envelope=ENVELOPE, content=EIGHT, server_options=options)
    assert str(transaction.reply_to(0))[:9] == "554 5.6.3"
    assert verbs == ["EHLO"]
    converted = to_seven_bit(EIGHT)
    assert converted is not None
    transaction, _, _ = delivered(envelope=ENVELOPE, content=converted, server_options=options)
    assert transaction.reply_to(0).code == 250
