"""STARTTLS (RFC 3207)."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT, EHLO, GREETING, ask, codes, connected, delivered, greeted, said

from mailsim.errors import LocalProtocolError
from mailsim.message import Envelope
from mailsim.smtp import ClientConfig, ClientSession, Command, Reply, State

pytestmark = pytest.mark.row("X-STARTTLS")
TLS = Command("STARTTLS")


def test_both_sides_start_over() -> None:
    _, verbs, server = delivered()
    assert verbs[:3] == ["EHLO", "STARTTLS", "EHLO"]
    assert server.is_tls
    assert server.protocol == "ESMTPS"


def test_not_offered_inside_tls_nor_where_there_is_none() -> None:
    server = greeted()
    assert "STARTTLS" in said(server, EHLO, TLS)[0].lines
    server.expect_tls()
    server.reply(Reply(220, ("",)))
    assert (server.state, server.helo) == (State.GREETED, "")
    replies = said(server, EHLO, TLS)
    assert "STARTTLS" not in replies[0].lines
    assert replies[1].code == 503
    plain = said(greeted(tls="none"), EHLO, TLS)
    assert "STARTTLS" not in plain[0].lines
    assert plain[1].code == 502


def test_mail_before_tls_is_refused_where_tls_is_demanded() -> None:
    server = greeted(tls="encrypt", auth="required")
    mail, auth, vrfy = (
        Command("MAIL", "a@example.org"),
        Command("AUTH", "PLAIN x"),
        Command("VRFY", "x"),
    )
    replies = said(server, EHLO, mail, auth, vrfy)
    assert [str(reply) for reply in replies[1:]] == [
        "530 5.7.0 Must issue a STARTTLS command first"
    ] * 3
    assert codes(server, Command("NOOP"), EHLO, TLS) == [250, 250, 220]


def test_not_before_ehlo_nor_in_a_transaction() -> None:
    server = greeted()
    replies = said(server, TLS, EHLO, Command("MAIL", "a@example.org"), TLS)
    assert [reply.code for reply in replies] == [503, 250, 250, 503]


def test_a_handshake_that_fails_closes() -> None:
    server = greeted()
    said(server, EHLO, TLS)
    server.expect_tls()
    server.reply(Reply(454, ("TLS failed",), "4.7.0"))
    assert server.state is State.CLOSED


def test_handshake_out_of_place_is_our_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        greeted().expect_tls()
    with pytest.raises(LocalProtocolError):
        ClientSession(ClientConfig("x")).tls_done()


@pytest.mark.parametrize(("tls", "code"), [("may", 250), ("encrypt", 454)])
def test_a_server_without_tls(tls: str, code: int) -> None:
    transaction, _, _ = delivered(tls=tls, server_options={"tls": "none"})
    assert transaction.reply_to(0).code == code


@pytest.mark.parametrize("tls", ["may", "encrypt"])
def test_starttls_refused(tls: str) -> None:
    client = ClientSession(ClientConfig("office.example.org", tls=tls))
    transaction = client.begin(Envelope("a@example.org", ("b@example.net",)), CONTENT)
    client.receive(GREETING)
    client.flight()
    client.receive(Reply(250, ("mx.example.net", "STARTTLS")))
    assert client.flight() == (TLS,)
    client.receive(Reply(454, ("TLS not available",), "4.7.0"))
    if tls == "may":
        assert client.flight()[0] == Command("MAIL", "a@example.org")
    else:
        assert client.flight() == ()
        assert transaction.reply_to(0).code == 454


def test_it_takes_no_parameter() -> None:
    assert ask(connected(b"EHLO x\r\n"), b"STARTTLS now\r\n") == ["501 5.5.4 Syntax: STARTTLS"]


def test_temporarily_not_available() -> None:
    server = greeted(ask=frozenset({"STARTTLS"}))
    said(server, EHLO)
    assert server.receive(TLS) is None
    server.reply(Reply(454, ("TLS not available",), "4.7.0"))
    assert (server.state, server.is_tls) == (State.READY, False)


def test_what_was_known_before_is_forgotten() -> None:
    server = greeted(auth="optional")
    said(server, EHLO)
    server.receive(Command("AUTH", "PLAIN AGFsaWNlAHg="))
    server.reply(Reply(235, ("ok",), "2.7.0"))
    said(server, TLS)
    server.expect_tls()
    server.reply(Reply(220, ("",)))
    assert (server.user, server.helo, server.is_esmtp, server.mechanism) == ("", "", False, "")
    assert codes(server, Command("MAIL", "a@b")) == [503]


def test_a_client_goes_on_inside_and_asks_no_second_time() -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    client.begin(Envelope("a@example.org", ("b@example.net",)), CONTENT)
    client.receive(GREETING)
    client.flight()
    client.receive(Reply(250, ("mx.example.net", "STARTTLS", "SIZE")))
    client.flight()
    client.receive(Reply(220))
    assert (client.state, client.flight()) == (State.TLS, ())
    client.quit()
    assert client.flight() == (), "the handshake comes first"
    client.tls_done()
    assert (client.offers, client.flight()) == ({}, (Command("QUIT"),))
