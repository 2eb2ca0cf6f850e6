"""AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN."""

from __future__ import annotations

import pytest
from smtp.helpers import ALICE, delivered, greeted, said

from mailsim.smtp import AuthLine, Command, Credentials, Reply, ServerSession, State
from mailsim.smtp.sasl import decode, encode, plain

EHLO = Command("EHLO", "office.example.org")
OPEN = {"tls": "none", "auth": "required"}


def ready(**options: object) -> ServerSession:
    server = greeted(**{**OPEN, **options})
    said(server, EHLO)
    return server


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_client_authenticates(mechanism: str) -> None:
    options = {**OPEN, "mechanisms": (mechanism,)}
    transaction, _, server = delivered(server_options=options, credentials=ALICE)
    assert transaction.reply_to(0).code == 250
    assert (server.user, server.mechanism, server.protocol) == ("alice", mechanism, "ESMTPA")


def test_wrong_password_ends_the_session_for_mail() -> None:
    transaction, verbs, _ = delivered(server_options=OPEN, credentials=Credentials("alice", "x"))
    assert transaction.reply_to(0).code == 535
    assert "MAIL" not in verbs


def test_no_known_mechanism() -> None:
    options = {**OPEN, "mechanisms": ("GSSAPI",)}
    transaction, _, _ = delivered(server_options=options, credentials=ALICE)
    assert transaction.reply_to(0).code == 535


def test_mail_before_auth_is_refused() -> None:
    replies = said(ready(), Command("MAIL", "a@example.org"))
    assert str(replies[0]) == "530 5.7.0 Authentication required"


def test_plain_may_come_after_an_empty_challenge() -> None:
    server = ready()
    assert server.receive(Command("AUTH", "PLAIN")) == Reply(334, ("",))
    assert server.state is State.AUTH
    assert server.receive(AuthLine(plain(ALICE))) is None
    assert server.credentials == ALICE


def test_login_asks_twice_or_once() -> None:
    server = ready()
    assert server.receive(Command("AUTH", "LOGIN")) == Reply(334, ("VXNlcm5hbWU6",))
    assert server.receive(AuthLine(encode("alice"))) == Reply(334, ("UGFzc3dvcmQ6",))
    assert server.receive(AuthLine(encode("wonderland"))) is None
    assert server.credentials == ALICE


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["PLAIN", "*"], 501),
        (["PLAIN", "no base64!"], 501),
        (["PLAIN =="], 501),
        ([f"PLAIN {encode('alice')}"], 501),
        (["LOGIN", "%"], 501),
        (["NTLM"], 504),
    ],
)
def test_refusals(lines: list[str], code: int) -> None:
    server = ready()
    reply = server.receive(Command("AUTH", lines[0]))
    for line in lines[1:]:
        reply = server.receive(AuthLine(line))
    assert reply is not None
    assert reply.code == code
    assert server.state is State.READY
    assert server.user == ""


def test_once_only_and_not_in_a_transaction() -> None:
    server = ready(auth="optional")
    replies = said(server, Command("MAIL", "a@example.org"), Command("AUTH", "PLAIN x"))
    assert [reply.code for reply in replies] == [250, 503]
    said(server, Command("RSET"))
    assert server.receive(Command("AUTH", f"PLAIN {plain(ALICE)}")) is None
    server.reply(Reply(235, ("ok",), "2.7.0"))
    assert said(server, Command("AUTH", "PLAIN x"))[0].code == 503


def test_not_offered_where_there_is_none_or_before_tls() -> None:
    none = said(greeted(auth="none"), EHLO, Command("AUTH", "PLAIN x"))
    assert not any(line.startswith("AUTH") for line in none[0].lines)
    assert none[1].code == 503
    early = said(greeted(tls="encrypt", auth="required"), EHLO)
    assert not any(line.startswith("AUTH") for line in early[0].lines)


def test_mail_parameter_is_taken() -> None:
    mail = Command("MAIL", "a@example.org", (("AUTH", "<>"),))
    assert said(greeted(auth="optional"), EHLO, mail)[1].code == 250


def test_without_a_driver_the_answer_is_temporary() -> None:
    server = greeted(**OPEN, ask=frozenset())
    replies = said(server, EHLO, Command("AUTH", f"PLAIN {plain(ALICE)}"))
    assert replies[1].code == 454


def test_base64() -> None:
    assert (encode(""), decode("="), decode("%"), decode(encode("ä"))) == ("=", "", None, "ä")
