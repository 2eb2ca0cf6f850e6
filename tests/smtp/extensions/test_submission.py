"""Message submission (RFC 6409), and TLS from the first octet (RFC 8314)."""

from __future__ import annotations

import pytest
from smtp.helpers import ALICE, EHLO, MAIL, codes, delivered, greeted, said

from mailsim.smtp import Command, Reply

SUBMISSION: dict[str, object] = {"is_submission": True, "auth": "required", "tls": "none"}


@pytest.mark.row("X-SUBMISSION")
def test_authentication_comes_first() -> None:
    (_, reply) = said(greeted(**SUBMISSION), EHLO, MAIL)
    assert str(reply) == "530 5.7.0 Authentication required"
    transaction, _, server = delivered(server_options=SUBMISSION, credentials=ALICE)
    assert transaction.reply_to(0).code == 250
    assert server.protocol == "ESMTPA"


@pytest.mark.row("X-SUBMISSION")
@pytest.mark.parametrize(
    ("address", "is_taken"),
    [("a@b.example", True), ("a@[192.0.2.1]", True), ("a@b", False), ("a@localhost", False)],
)
def test_unqualified_domains_are_refused(address: str, is_taken: bool) -> None:
    options = {**SUBMISSION, "auth": "optional"}
    mail, rcpt = (Command(verb, address) for verb in ("MAIL", "RCPT"))
    sender = said(greeted(**options), EHLO, mail)[1]
    assert str(sender)[:9] == ("250 2.1.0" if is_taken else "554 5.1.8")
    recipient = said(greeted(**options), EHLO, MAIL, rcpt)[2]
    assert str(recipient)[:9] == ("250 2.1.5" if is_taken else "554 5.1.2")
    assert codes(greeted(), EHLO, mail, rcpt) == [250, 250, 250], "a relay takes them"


@pytest.mark.row("X-SUBMISSION")
def test_the_null_path_and_postmaster_are_qualified_enough() -> None:
    server = greeted(is_submission=True)
    assert codes(server, EHLO, Command("MAIL", ""), Command("RCPT", "postmaster")) == [250] * 3


@pytest.mark.row("X-SUBMISSION")
@pytest.mark.parametrize("enhanced", ["5.6.0", "5.7.1"])
def test_a_driver_may_refuse_what_it_reads(enhanced: str) -> None:
    server = greeted(is_submission=True)
    said(server, EHLO, Command("MAIL", "a@b.c"))
    server.receive(Command("RCPT", "a@b.c"))
    code = 554 if enhanced == "5.6.0" else 550
    assert server.reply(Reply(code, ("no",), enhanced)).code == code


@pytest.mark.row("X-IMPLICIT-TLS")
def test_tls_from_the_first_octet() -> None:
    server = greeted(tls="implicit")
    assert server.is_tls
    assert "STARTTLS" not in said(server, EHLO)[0].lines
    assert codes(server, Command("STARTTLS")) == [503]
    options: dict[str, object] = {"tls": "implicit", "auth": "required", "is_auth_tls_only": True}
    transaction, verbs, session = delivered(
        server_options=options, tls="implicit", credentials=ALICE
    )
    assert transaction.reply_to(0).code == 250
    assert verbs[:2] == ["EHLO", "AUTH"]
    assert session.protocol == "ESMTPSA"
