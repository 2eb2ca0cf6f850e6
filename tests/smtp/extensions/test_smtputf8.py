"""SMTPUTF8 (RFC 6531)."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    CONTENT,
    EHLO,
    ask,
    client_in_ready,
    codes,
    connected,
    delivered,
    greeted,
    said,
)

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp import Command, ServerConfig

pytestmark = pytest.mark.row("X-SMTPUTF8")
UTF8 = (("SMTPUTF8", None),)
NEEDED = "553 5.6.7 This address needs SMTPUTF8"


def test_it_needs_8bitmime() -> None:
    with pytest.raises(LocalProtocolError, match="SMTPUTF8 cannot be offered without 8BITMIME"):
        ServerConfig("mx", extension_names=("SMTPUTF8",))
    assert "SMTPUTF8" in said(greeted(), EHLO)[0].lines


def test_non_ascii_addresses_are_refused_without_it() -> None:
    replies = said(greeted(), EHLO, Command("MAIL", "ä@b"), Command("MAIL", "a@b"))
    assert [str(reply) for reply in replies[1:]] == [NEEDED, "250 2.1.0 Ok"]
    server = greeted()
    replies = said(server, EHLO, Command("MAIL", "a@b"), Command("RCPT", "ä@ö"))
    assert str(replies[2]) == NEEDED


def test_with_it_they_are_taken() -> None:
    server = greeted()
    assert codes(server, EHLO, Command("MAIL", "ä@ö", UTF8), Command("RCPT", "ü@ü")) == [250] * 3
    assert server.protocol == "UTF8SMTP"
    assert server.envelope == Envelope("ä@ö", ("ü@ü",), UTF8)


@pytest.mark.parametrize("n", [0, 1])
def test_the_same_by_octets(n: int) -> None:
    connection = connected(b"EHLO x\r\n")
    data = "MAIL FROM:<ä@ö> smtputf8\r\nRCPT TO:<ü@ü>\r\n".encode()
    assert ask(connection, data, n) == ["250 2.1.0 Ok", "250 2.1.5 Ok"]
    assert ask(connection, b"RCPT TO:<\xff@x>\r\n", n) == ["501 5.1.3 Bad recipient address syntax"]


@pytest.mark.parametrize(
    ("hello", "options", "params", "code"),
    [
        ("EHLO", {}, (("SMTPUTF8", "1"),), 501),
        ("EHLO", {}, (*UTF8, *UTF8), 501),
        ("EHLO", {"extension_names": ("8BITMIME",)}, UTF8, 555),
        ("HELO", {}, UTF8, 555),
    ],
)
def test_the_parameter(
    hello: str, options: dict[str, object], params: tuple[tuple[str, None], ...], code: int
) -> None:
    server = greeted(**options)
    assert codes(server, Command(hello, "x"), Command("MAIL", "ä@b", params)) == [250, code]


@pytest.mark.parametrize(
    ("options", "protocol"),
    [
        ({}, "UTF8SMTP"),
        ({"tls": "implicit"}, "UTF8SMTPS"),
        ({"is_lmtp": True}, "UTF8LMTP"),
        ({"is_lmtp": True, "tls": "implicit"}, "UTF8LMTPS"),
    ],
)
def test_the_keyword_of_received(options: dict[str, object], protocol: str) -> None:
    server = greeted(**options)
    hello = "LHLO" if options.get("is_lmtp") else "EHLO"
    said(server, Command(hello, "x"), Command("MAIL", "a@b", UTF8))
    assert server.protocol == protocol
    server.user = "alice"
    assert server.protocol == protocol + "A"


HEADER = Content.from_bytes("Subject: grün\r\n\r\nx\r\n".encode())
OURS = CONTENT._replace(head=CONTENT.head._replace(subject="grün"))  # type: ignore[union-attr]
EXTRA = CONTENT._replace(head=CONTENT.head._replace(extra="X: ü\r\n"))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("envelope", "content"),
    [
        (Envelope("ä@b", ("c@d",)), CONTENT),
        (Envelope("a@b", ("c@d", "ü@d")), CONTENT),
        (Envelope("a@b", ("c@d",), UTF8), CONTENT),
        (Envelope("a@b", ("c@d",)), HEADER),
        (Envelope("a@b", ("c@d",)), OURS),
        (Envelope("a@b", ("c@d",)), EXTRA),
    ],
)
def test_a_client_asks_for_it_where_it_is_needed(envelope: Envelope, content: Content) -> None:
    client = client_in_ready("SMTPUTF8", "8BITMIME")
    client.begin(envelope, content)
    (mail,) = client.flight()
    assert isinstance(mail, Command)
    assert ("SMTPUTF8", None) in mail.params
    transaction, verbs, _ = delivered(
        envelope=envelope, content=content, server_options={"extension_names": ("8BITMIME",)}
    )
    assert str(transaction.reply_to(0))[:9] == "553 5.6.7", "there is no way down"
    assert "MAIL" not in verbs


def test_eight_bit_in_the_body_alone_does_not_need_it() -> None:
    client = client_in_ready("SMTPUTF8", "8BITMIME")
    client.begin(Envelope("a@b", ("c@d",)), Content.from_bytes(b"Subject: x\r\n\r\n\xe4\r\n"))
    assert client.flight() == (Command("MAIL", "a@b", (("BODY", "8BITMIME"),)),)


def test_vrfy_takes_it_as_its_last_word() -> None:
    assert codes(greeted(), Command("VRFY", "grün SMTPUTF8")) == [252]
