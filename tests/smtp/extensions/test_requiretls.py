"""REQUIRETLS (RFC 8689)."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT, EHLO, client_in_ready, codes, greeted, said

from mailsim.message import Envelope
from mailsim.smtp import Command, ServerSession

pytestmark = pytest.mark.row("X-REQUIRETLS")
ENVELOPE = Envelope("a@b", ("c@d",), (("REQUIRETLS", None),))


def ready(tls: str) -> ServerSession:
    return greeted(extension_names=("REQUIRETLS",), tls=tls)


def test_offered_inside_tls_only() -> None:
    assert "REQUIRETLS" in said(ready("implicit"), EHLO)[0].lines
    assert "REQUIRETLS" not in said(ready("may"), EHLO)[0].lines


@pytest.mark.parametrize(
    ("tls", "value", "code"),
    [("implicit", None, 250), ("implicit", "x", 501), ("may", None, 555), ("may", "x", 501)],
)
def test_the_parameter(tls: str, value: str | None, code: int) -> None:
    for sender in ("a@b", ""):
        mail = Command("MAIL", sender, (("REQUIRETLS", value),))
        assert codes(ready(tls), EHLO, mail) == [250, code]
    assert codes(greeted(), EHLO, Command("MAIL", "a@b", (("REQUIRETLS", None),))) == [250, 555]


def test_a_client_demands_it_of_the_next_server() -> None:
    client = client_in_ready("REQUIRETLS", tls="implicit")
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (Command("MAIL", "a@b", (("REQUIRETLS", None),)),)


@pytest.mark.parametrize(
    ("tls", "offers", "reply"),
    [
        ("implicit", (), "550 5.7.30 REQUIRETLS support required"),
        ("none", ("REQUIRETLS",), "550 5.7.10 a secure connection is required, and there is none"),
        ("may", ("REQUIRETLS",), "550 5.7.10 a secure connection is required, and there is none"),
    ],
)
def test_where_it_cannot_be_had_the_message_does_not_go(
    tls: str, offers: tuple[str, ...], reply: str
) -> None:
    client = client_in_ready(*offers, tls=tls)
    transaction = client.begin(ENVELOPE, CONTENT)
    assert client.flight() == ()
    assert str(transaction.reply_to(0)) == reply
    client.begin(ENVELOPE._replace(params=()), CONTENT)
    assert client.flight() == (Command("RSET"),), "others may go"


def test_a_report_goes_without_where_it_cannot_be_had() -> None:
    """RFC 8689 section 5: the demand of a message must not lose the report about it."""
    client = client_in_ready(tls="none")
    client.begin(ENVELOPE._replace(sender=""), CONTENT)
    assert client.flight() == (Command("MAIL", ""),)
