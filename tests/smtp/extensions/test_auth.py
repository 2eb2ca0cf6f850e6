"""AUTH (RFC 4954) with PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195) and SCRAM."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    ALICE,
    CONTENT,
    EHLO,
    ENVELOPE,
    MAIL,
    client_in_ready,
    codes,
    delivered,
    greeted,
    said,
)

from mailsim.errors import LocalProtocolError
from mailsim.message import Envelope
from mailsim.smtp import AuthLine, Claim, Command, Credentials, Garbage, Reply, ServerSession, State
from mailsim.smtp.sasl import encode
from mailsim.smtp.sasl_client import ClientDialogue

OPEN: dict[str, object] = {"tls": "none", "auth": "required"}
ALL = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256")
PLAIN = "AGFsaWNlAHdvbmRlcmxhbmQ="


def ready(**options: object) -> ServerSession:
    server = greeted(**{**OPEN, "mechanisms": ALL, **options})
    said(server, EHLO)
    return server


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize("mechanism", ALL)
def test_a_client_authenticates(mechanism: str) -> None:
    options = {**OPEN, "mechanisms": (mechanism,)}
    transaction, _, server = delivered(server_options=options, credentials=ALICE)
    assert transaction.reply_to(0).code == 250
    assert (server.user, server.mechanism, server.protocol) == ("alice", mechanism, "ESMTPA")


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize("mechanism", ALL)
def test_a_wrong_password_ends_the_session_for_mail(mechanism: str) -> None:
    options = {**OPEN, "mechanisms": (mechanism,)}
    wrong = Credentials("alice", "x")
    transaction, verbs, server = delivered(server_options=options, credentials=wrong)
    assert str(transaction.reply_to(0)) == "535 5.7.8 No"
    assert "MAIL" not in verbs
    assert (server.user, server.mechanism) == ("", "")


@pytest.mark.row("X-AUTH")
def test_no_mechanism_in_common() -> None:
    client = client_in_ready("AUTH GSSAPI NTLM", credentials=ALICE)
    transaction = client.begin(ENVELOPE, CONTENT)
    assert client.flight() == ()
    assert transaction.reply_to(0).code == 535
    preferred = client_in_ready(
        "AUTH LOGIN CRAM-MD5", credentials=ALICE, mechanisms=("CRAM-MD5", "LOGIN")
    )
    assert preferred.mechanism == ""
    assert preferred.flight() == (Command("AUTH", "CRAM-MD5"),)
    assert preferred.mechanism == "CRAM-MD5"


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize(
    ("code", "enhanced"),
    [
        (235, "2.7.0"), (432, "4.7.12"), (454, "4.7.0"), (534, "5.7.9"), (535, "5.7.8"),
        (538, "5.7.11"), (500, "5.5.6"), (501, "5.5.2"), (504, "5.5.4"), (421, "4.7.0"),
    ],
)  # fmt: skip
def test_every_reply_of_section_6(code: int, enhanced: str) -> None:
    for lines in (["PLAIN " + PLAIN], ["PLAIN", PLAIN]):
        server = ready()
        server.receive(Command("AUTH", lines[0]))
        if lines[1:]:
            server.receive(AuthLine(lines[1]))
        assert server.claim == Claim("PLAIN", "alice", "wonderland")
        assert server.reply(Reply(code, ("text",), enhanced)) == Reply(code, ("text",), enhanced)
        assert server.user == ("alice" if code == 235 else "")
        assert server.claim is None
        assert server.state is (State.CLOSED if code == 421 else State.READY)
    client = client_in_ready("AUTH PLAIN", credentials=ALICE)
    transaction = client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (Command("AUTH", "PLAIN " + PLAIN),)
    client.receive(Reply(code))
    assert client.is_authenticated == (code == 235)
    assert transaction.final == (None if code == 235 else Reply(code))


@pytest.mark.row("X-AUTH")
def test_no_other_reply_than_those() -> None:
    server = ready()
    server.receive(Command("AUTH", "PLAIN " + PLAIN))
    for code in (250, 354, 550):
        with pytest.raises(LocalProtocolError):
            server.reply(Reply(code))


@pytest.mark.row("X-AUTH")
def test_530_before_auth() -> None:
    replies = said(ready(), MAIL, Command("VRFY", "x"))
    assert [str(reply) for reply in replies] == ["530 5.7.0 Authentication required"] * 2
    free = [Command("NOOP"), Command("RSET"), EHLO, Command("HELO", "x"), Command("QUIT")]
    assert codes(ready(), *free) == [250, 250, 250, 250, 221]
    asked = ready()
    asked.receive(Command("AUTH", "PLAIN " + PLAIN))
    assert asked.reply(Reply(530, ("Must issue a STARTTLS command first",), "5.7.0")).code == 530


@pytest.mark.row("X-AUTH")
def test_plain_may_come_after_an_empty_challenge() -> None:
    server = ready()
    assert server.receive(Command("AUTH", "plain")) == Reply(334, ("",))
    assert server.state is State.AUTH
    assert server.receive(AuthLine(PLAIN)) is None
    assert server.claim == Claim("PLAIN", "alice", "wonderland")


@pytest.mark.row("X-AUTH")
def test_the_example_of_rfc_4954() -> None:
    server = ready()
    assert server.receive(Command("AUTH", "PLAIN dGVzdAB0ZXN0ADEyMzQ=")) is None
    assert server.claim == Claim("PLAIN", "test", "1234")


@pytest.mark.row("X-AUTH")
def test_login_asks_twice_or_once() -> None:
    claim = Claim("LOGIN", "alice", "wonderland")
    server = ready()
    assert server.receive(Command("AUTH", "LOGIN")) == Reply(334, ("VXNlcm5hbWU6",))
    assert server.receive(AuthLine("YWxpY2U=")) == Reply(334, ("UGFzc3dvcmQ6",))
    assert server.receive(AuthLine(encode("wonderland"))) is None
    assert server.claim == claim
    server = ready()
    assert server.receive(Command("AUTH", "LOGIN YWxpY2U=")) == Reply(334, ("UGFzc3dvcmQ6",))
    assert server.receive(AuthLine(encode("wonderland"))) is None
    assert server.claim == claim


@pytest.mark.row("X-AUTH")
def test_cram_md5_is_a_challenge_and_a_digest() -> None:
    server = ready()
    assert server.receive(Command("AUTH", "CRAM-MD5")) == Reply(
        334, (encode("<1.2@mx.example.net>"),)
    )
    assert server.receive(AuthLine(encode("an alice " + "0" * 32))) is None
    assert server.claim == Claim("CRAM-MD5", "an alice", "", "0" * 32, "<1.2@mx.example.net>")


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        (["PLAIN", "*"], "501 5.7.0"),
        (["LOGIN", "*"], "501 5.7.0"),
        (["CRAM-MD5", "*"], "501 5.7.0"),
        (["PLAIN", "no base64!"], "501 5.5.2"),
        (["PLAIN", "=AAA"], "501 5.5.2"),
        (["PLAIN", "AAA=BBB"], "501 5.5.2"),
        (["PLAIN =="], "501 5.5.2"),
        (["PLAIN ="], "501 5.5.2"),
        (["PLAIN", ""], "501 5.5.2"),
        (["PLAIN /w=="], "501 5.5.2"),
        (["PLAIN", "\udcff"], "501 5.5.2"),
        ([f"PLAIN {encode('alice')}"], "501 5.5.2"),
        ([f"PLAIN {encode(chr(0) * 2 + 'password')}"], "501 5.5.2"),
        ([f"PLAIN {encode('bob' + chr(0) + 'alice' + chr(0) + 'x')}"], "535 5.7.8"),
        (["LOGIN", "%"], "501 5.5.2"),
        (["CRAM-MD5 YWxpY2U="], "501 5.7.0"),
        (["CRAM-MD5", "YWxpY2U="], "501 5.5.2"),
        (["CRAM-MD5", encode(" digest")], "501 5.5.2"),
        (["SCRAM-SHA-256", "*"], "501 5.7.0"),
        ([f"SCRAM-SHA-256 {encode('p=tls-unique,,n=u,r=x')}"], "501 5.5.2"),
        ([f"SCRAM-SHA-256 {encode('n,a=bob,n=alice,r=x')}"], "535 5.7.8"),
        ([f"SCRAM-SHA-256 {encode('n,,n=alice,r=x')}", encode("c=biws,r=x,p=AA==")], "501 5.5.2"),
        (["NTLM"], "504 5.5.4"),
    ],
)
def test_refusals_a_server_knows_itself(lines: list[str], reply: str) -> None:
    server = ready()
    given = server.receive(Command("AUTH", lines[0]))
    for line in lines[1:]:
        given = server.receive(AuthLine(line))
    assert str(given)[:9] == reply
    assert (server.state, server.user) == (State.READY, "")
    assert server.receive(Command("AUTH", "PLAIN " + PLAIN)) is None, "it may try again"


@pytest.mark.row("X-AUTH")
def test_a_line_too_long_ends_the_exchange() -> None:
    server = ready()
    said(server, Command("AUTH", "PLAIN"))
    line = Garbage("AAAA", "", Reply(500, ("too long",), "5.5.6"))
    assert str(server.receive(line)) == "500 5.5.6 too long"
    assert server.state is State.READY


@pytest.mark.row("X-AUTH")
def test_once_only_and_not_in_a_transaction() -> None:
    server = ready(auth="optional")
    assert codes(server, MAIL, Command("AUTH", "PLAIN x"), Command("RSET")) == [250, 503, 250]
    assert server.receive(Command("AUTH", "PLAIN " + PLAIN)) is None
    server.reply(Reply(235, ("ok",), "2.7.0"))
    assert str(said(server, Command("AUTH", "PLAIN x"))[0])[:9] == "503 5.5.1"


@pytest.mark.row("X-AUTH")
def test_what_is_offered_where() -> None:
    def offer(**options: object) -> list[str]:
        lines = said(greeted(**options), EHLO)[0].lines
        return [line for line in lines if line.startswith("AUTH")]

    assert offer(auth="none") == []
    assert offer(auth="optional", tls="encrypt") == []
    assert offer(auth="optional", mechanisms=ALL) == ["AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256"]
    plaintext = {"auth": "optional", "mechanisms": ALL, "is_auth_tls_only": True}
    assert offer(**plaintext) == ["AUTH CRAM-MD5 SCRAM-SHA-256"]
    assert offer(**plaintext, tls="implicit") == ["AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256"]
    assert offer(auth="optional", is_auth_tls_only=True) == []


@pytest.mark.row("X-AUTH")
def test_plaintext_mechanisms_can_be_refused_outside_tls() -> None:
    server = greeted(auth="optional", is_auth_tls_only=True, mechanisms=ALL)
    replies = said(server, EHLO, Command("AUTH", "PLAIN x"), Command("AUTH", "CRAM-MD5"))
    assert [str(reply)[:10].strip() for reply in replies[1:]] == ["538 5.7.11", "334 PDEuMk"]
    inside = greeted(auth="optional", is_auth_tls_only=True, tls="implicit")
    said(inside, EHLO)
    assert inside.receive(Command("AUTH", "PLAIN " + PLAIN)) is None
    assert codes(greeted(auth="none"), EHLO, Command("AUTH", "PLAIN x")) == [250, 503]


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("<>", 250),
        ("+3C+3E", 250),
        ("e+3Dmc2@example.com", 250),
        ("e+3dmc2@example.com", 250),
        (None, 501),
        ("nobody", 501),
        ("a+3", 501),
        ("a+20b@example.com", 501),
    ],
)
def test_mail_auth_is_taken_from_anybody_if_it_is_a_mailbox(value: str | None, code: int) -> None:
    mail = Command("MAIL", "a@example.org", (("AUTH", value),))
    assert codes(greeted(auth="optional"), EHLO, mail) == [250, code]


@pytest.mark.row("X-AUTH")
def test_mail_auth_is_passed_on_where_it_is_understood() -> None:
    envelope = Envelope("a@b", ("c@d",), (("AUTH", "<>"),))
    for offers, params in ((("AUTH PLAIN",), (("AUTH", "<>"),)), ((), ())):
        client = client_in_ready(*offers)
        client.begin(envelope, CONTENT)
        assert client.flight() == (Command("MAIL", "a@b", params),)


@pytest.mark.row("X-AUTH")
def test_a_client_asked_anew_answers_anew() -> None:
    client = client_in_ready("AUTH PLAIN", credentials=ALICE)
    client.flight()
    client.receive(Reply(334, ("",)))
    assert client.flight() == (AuthLine(PLAIN),)
    client.receive(Reply(235))
    client.quit()
    assert client.flight() == (Command("QUIT"),)


@pytest.mark.row("X-AUTH")
def test_a_client_that_quits_amid_an_exchange_ends_it_first() -> None:
    client = client_in_ready("AUTH CRAM-MD5", credentials=ALICE)
    client.flight()
    client.receive(Reply(334, ("%",)))
    client.quit()
    assert client.flight() == (AuthLine("*"),)
    client.receive(Reply(501))
    assert client.flight() == (Command("QUIT"),)


@pytest.mark.row("X-AUTH")
def test_auth_is_a_flight_of_its_own() -> None:
    client = client_in_ready("AUTH PLAIN", "PIPELINING", credentials=ALICE)
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (Command("AUTH", "PLAIN " + PLAIN),)


def test_without_a_driver_the_answer_is_temporary() -> None:
    replies = said(ready(ask=frozenset()), Command("AUTH", "PLAIN " + PLAIN))
    assert str(replies[0])[:9] == "454 4.7.0"


@pytest.mark.trap("AUTH LOGIN, standard challenges, own client vs aiosmtpd")
@pytest.mark.parametrize(
    ("prompts", "answers"),
    [
        (("VXNlcm5hbWU6", "UGFzc3dvcmQ6"), ("YWxpY2U=", "d29uZGVybGFuZA==")),
        (("UGFzc3dvcmQ6",), ("d29uZGVybGFuZA==",)),
        ((encode("User Name\0"), encode("Password\0")), ("YWxpY2U=", "d29uZGVybGFuZA==")),
        (("",), ("d29uZGVybGFuZA==",)),
        (("?",), ("*",)),
    ],
)
def test_a_client_answers_the_prompts_of_login_one_by_one(
    prompts: tuple[str, ...], answers: tuple[str, ...]
) -> None:
    client = client_in_ready("AUTH LOGIN", credentials=ALICE)
    assert client.flight() == (Command("AUTH", "LOGIN YWxpY2U="),)
    assert client.flight() == ()
    for prompt, answer in zip(prompts, answers, strict=True):
        client.receive(Reply(334, (prompt,)))
        assert client.flight() == (AuthLine(answer),)
        assert client.flight() == (), "one line, then the server's turn"


def test_a_client_may_keep_its_first_response_until_it_is_asked() -> None:
    client = client_in_ready("AUTH PLAIN", credentials=ALICE, initial_response=False)
    assert client.flight() == (Command("AUTH", "PLAIN"),)
    client.receive(Reply(334, ("",)))
    assert client.flight() == (AuthLine(PLAIN),)


@pytest.mark.trap("OAuth2 token cache")
def test_there_is_no_token_to_expire() -> None:
    """What a client sends depends on the credentials alone: nothing is kept between sessions."""
    assert ClientDialogue("PLAIN", ALICE).initial() == PLAIN
    for _ in range(2):
        client = client_in_ready("AUTH PLAIN", credentials=ALICE)
        assert client.flight() == (Command("AUTH", "PLAIN " + PLAIN),)
