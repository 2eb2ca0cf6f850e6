"""DSN (RFC 3461)."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT, EHLO, MAIL, client_in_ready, codes, greeted, said

from mailsim.message import Envelope, Params
from mailsim.smtp import Command, Reply

pytestmark = pytest.mark.row("X-DSN")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ((("RET", "FULL"),), 250),
        ((("RET", "hdrs"),), 250),
        ((("RET", "ALL"),), 501),
        ((("RET", None),), 501),
        ((("ENVID", "QQ314159"),), 250),
        ((("ENVID", "a+20b+2B"),), 250),
        ((("ENVID", "a+09b"),), 250),
        ((("ENVID", "x" * 100),), 250),
        ((("ENVID", "x" * 101),), 501),
        ((("ENVID", "a+2b"),), 501),
        ((("ENVID", "a+"),), 501),
        ((("ENVID", "a+0D+0AX-Evil:"),), 501),
        ((("ENVID", "+C3+A4"),), 501),
        ((("ENVID", "ä"),), 501),
        ((("ENVID", None),), 501),
        ((("RET", "FULL"), ("ENVID", "x")), 250),
        ((("RET", "FULL"), ("RET", "FULL")), 501),
        ((("ENVID", "x"), ("ENVID", "x")), 501),
    ],
)
def test_parameters_of_mail(params: Params, code: int) -> None:
    for sender in ("a@b", ""):
        assert codes(greeted(), EHLO, Command("MAIL", sender, params)) == [250, code]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ((("NOTIFY", "NEVER"),), 250),
        ((("NOTIFY", "success,FAILURE,Delay"),), 250),
        ((("NOTIFY", "DELAY"),), 250),
        ((("NOTIFY", "NEVER,DELAY"),), 501),
        ((("NOTIFY", "DELAY,"),), 501),
        ((("NOTIFY", "DELAY,DELAY"),), 501),
        ((("NOTIFY", "ALWAYS"),), 501),
        ((("NOTIFY", None),), 501),
        ((("ORCPT", "rfc822;Bob@Example.COM"),), 250),
        ((("ORCPT", "rfc822;a+20b"),), 250),
        ((("ORCPT", "utf-8;grün@example.com"),), 250),
        ((("ORCPT", "rfc822;" + "x" * 493),), 250),
        ((("ORCPT", "rfc822;" + "x" * 494),), 501),
        ((("ORCPT", "rfc822;grün"),), 501),
        ((("ORCPT", "rfc822;a+0D+0Ab"),), 501),
        ((("ORCPT", "rfc822;"),), 501),
        ((("ORCPT", ";x"),), 501),
        ((("ORCPT", "x"),), 501),
        ((("ORCPT", None),), 501),
        ((("NOTIFY", "NEVER"), ("NOTIFY", "NEVER")), 501),
        ((("ORCPT", "a;b"), ("ORCPT", "a;b")), 501),
    ],
)
def test_parameters_of_rcpt(params: Params, code: int) -> None:
    assert codes(greeted(), EHLO, MAIL, Command("RCPT", "c@d", params)) == [250, 250, code]


def test_the_reply_is_the_same_with_and_without() -> None:
    with_ = said(greeted(), EHLO, Command("MAIL", "a@b", (("RET", "HDRS"),)))
    assert with_ == said(greeted(), EHLO, Command("MAIL", "a@b"))
    server = greeted()
    said(server, EHLO, MAIL)
    server.receive(Command("RCPT", "c@d", (("NOTIFY", "NEVER"),)))
    assert server.reply(Reply(550, ("unknown",), "5.1.1")).code == 550


def test_a_server_hands_them_on_with_the_envelope() -> None:
    server = greeted()
    said(
        server,
        EHLO,
        Command("MAIL", "a@b", (("SIZE", "5"), ("RET", "HDRS"), ("ENVID", "x"))),
        Command("RCPT", "c@d"),
        Command("RCPT", "e@f", (("NOTIFY", "NEVER"), ("ORCPT", "rfc822;g@h"))),
    )
    assert server.envelope == Envelope(
        "a@b",
        ("c@d", "e@f"),
        (("RET", "HDRS"), ("ENVID", "x")),
        ((), (("NOTIFY", "NEVER"), ("ORCPT", "rfc822;g@h"))),
    )


def test_a_client_copies_them_unchanged_to_a_server_that_offers_dsn_too() -> None:
    envelope = Envelope(
        "a@b",
        ("c@d", "e@f"),
        (("RET", "hdrs"), ("ENVID", "x+20y")),
        ((("NOTIFY", "Success"), ("ORCPT", "rfc822;G@h")), ()),
    )
    client = client_in_ready("DSN", "PIPELINING")
    client.begin(envelope, CONTENT)
    assert client.flight()[:3] == (
        Command("MAIL", "a@b", (("RET", "hdrs"), ("ENVID", "x+20y"))),
        Command("RCPT", "c@d", (("NOTIFY", "Success"), ("ORCPT", "rfc822;G@h"))),
        Command("RCPT", "e@f"),
    )
    other = client_in_ready("PIPELINING")
    other.begin(envelope, CONTENT)
    assert other.flight()[:2] == (Command("MAIL", "a@b"), Command("RCPT", "c@d"))


def test_where_it_is_not_offered() -> None:
    plain = greeted(extension_names=("SIZE",))
    ret, notify = ("RET", "FULL"), ("NOTIFY", "NEVER")
    assert codes(plain, EHLO, Command("MAIL", "a@b", (ret,)), MAIL) == [250, 555, 250]
    assert codes(plain, Command("RCPT", "c@d", (notify,))) == [555]
    assert "DSN" in said(greeted(), EHLO)[0].lines
