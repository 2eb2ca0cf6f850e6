"""SCRAM-SHA-256 (RFC 5802, RFC 7677), without and with SMTP around it."""

from __future__ import annotations

import pytest
from smtp.helpers import ALICE, CONTENT, ENVELOPE, client_in_ready

from mailsim.smtp import AuthLine, Command, Credentials, Reply
from mailsim.smtp.sasl import Dialogue, decode, encode, is_right, shown
from mailsim.smtp.sasl_client import ClientDialogue
from mailsim.smtp.scram import ScramClient, ScramServer, prepared, proof, salt_of, signature

pytestmark = pytest.mark.row("X-SCRAM")
SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
BOTH = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
CLIENT, SERVER = BOTH[:20], BOTH[20:]
CHALLENGE = f"r={BOTH},s={SALT},i=4096"
FINAL = f"c=biws,r={BOTH},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
VERIFIER = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def client() -> ScramClient:
    return ScramClient("user", "pencil", CLIENT)


def test_the_example_of_rfc_7677() -> None:
    one = client()
    assert one.first() == f"n,,n=user,r={CLIENT}"
    assert one.answer(CHALLENGE) == FINAL
    assert not one.is_proven
    assert one.answer(VERIFIER) == ""
    assert one.is_proven

    server = ScramServer(SERVER, SALT)
    assert server.challenge(f"n,,n=user,r={CLIENT}") == CHALLENGE
    given = server.proof_in(FINAL)
    assert given == proof("pencil", SALT, 4096, server.exchange)
    assert f"v={signature('pencil', SALT, 4096, server.exchange)}" == VERIFIER


@pytest.mark.parametrize("said", [
    f"r={CLIENT},s={SALT},i=4096", f"r=x{BOTH},s={SALT},i=4096", f"r={BOTH},s={SALT}",
    f"r={BOTH},s=,i=4096", f"r={BOTH},s=%,i=4096", f"r={BOTH},s={SALT},i=0",
    f"r={BOTH},s={SALT},i=1000000", f"r={BOTH},s={SALT},i=4_0", f"m=x,{CHALLENGE}", "x",
])  # fmt: skip
def test_a_client_that_is_told_nonsense(said: str) -> None:
    assert client().answer(said) is None


def test_a_client_takes_fewer_iterations_and_extensions_it_does_not_know() -> None:
    assert (client().answer(f"r={BOTH},s={SALT},i=1,x=y") or "")[:6] == "c=biws"


@pytest.mark.parametrize("said", ["v=AAAA", "e=invalid-proof", ""])
def test_a_client_believes_no_server_without_a_proof(said: str) -> None:
    one = client()
    one.answer(CHALLENGE)
    assert one.answer(said) is None
    assert not one.is_proven


@pytest.mark.parametrize("said", [
    "", "n", "n,", "n,,", "n,,n=user", "n,,r=x,n=user", "n,,n=,r=x", "n,,n=user,r=",
    "n,,n=user,r=\t",
    "n,,n=a=b,r=x", "n,a=a=b,n=u,r=x", "n,,n=a\0,r=x", "n,bob,n=user,r=x", "p=tls-unique,,n=u,r=x",
    "n,,m=x,n=u,r=x", "F,,n=u,r=x",
])  # fmt: skip
def test_first_messages_that_are_malformed(said: str) -> None:
    assert ScramServer(SERVER, SALT).challenge(said) is None


def test_names_are_escaped_and_prepared() -> None:
    server = ScramServer(SERVER, SALT)
    assert server.challenge(ScramClient("a=b,\u2168", "", "x").first()) is not None
    assert server.user == "a=b,IX"
    other = ScramServer(SERVER, SALT)
    assert other.challenge("y,a==3D2C,n==3D2C,r=x,ext=1") is not None
    assert (other.user, other.acts_for) == ("=2C", "=2C")


def test_passwords_are_prepared() -> None:
    """RFC 4013 section 3: soft hyphens go, and compatible forms are one."""
    assert [prepared(text) for text in ("I\u00adX", "\u00aa", "a\u2003b")] == ["IX", "a", "a b"]
    assert proof("\u2168", SALT, 1, "x") == proof("IX", SALT, 1, "x") != proof("ix", SALT, 1, "x")


@pytest.mark.parametrize("said", [
    f"c=biws,r={BOTH}x,p=AA==", f"c=eSws,r={BOTH},p=AA==", f"c=biws,r={BOTH}", "", "p=AA==",
])  # fmt: skip
def test_a_second_message_that_does_not_fit_the_first(said: str) -> None:
    server = ScramServer(SERVER, SALT)
    server.challenge(f"n,,n=user,r={CLIENT}")
    assert server.proof_in(said) is None


def test_what_has_been_proved_is_judged_twice_and_shown_once() -> None:
    dialogue = Dialogue("SCRAM-SHA-256", "", SERVER, SALT)
    one = ClientDialogue("SCRAM-SHA-256", Credentials("user", "pencil"), CLIENT)
    reply = dialogue.start("")
    assert reply == Reply(334, ("",))
    for text in (f"n,,n=user,r={CLIENT}", FINAL):
        assert reply is not None
        assert one.hear(reply) is None
        answer = one.answer()
        assert decode(answer) == text
        reply = dialogue.take(answer)
    assert reply is None
    claim = dialogue.claim
    assert claim is not None
    assert is_right(claim, "pencil")
    assert not is_right(claim, "Pencil")
    assert not is_right(claim._replace(digest="\u00fc"), "pencil")
    assert shown(claim, "pencil") == Reply(334, (encode(VERIFIER),))
    assert str(dialogue.take(encode("x")))[:9] == "501 5.5.2", "an empty line, and nothing else"
    assert dialogue.take("") is None
    assert dialogue.claim is not None
    assert is_right(dialogue.claim, "pencil")
    assert shown(dialogue.claim, "pencil") is None


def test_a_client_session_believes_no_235_without_a_proof() -> None:
    one = client_in_ready("AUTH SCRAM-SHA-256", credentials=ALICE)
    transaction = one.begin(ENVELOPE, CONTENT)
    first = encode("n,,n=alice,r=office.example.org")
    assert one.flight() == (Command("AUTH", f"SCRAM-SHA-256 {first}"),)
    one.receive(Reply(235, ("Welcome",), "2.7.0"))
    assert not one.is_authenticated
    assert transaction.reply_to(0).code == 535
    assert one.flight() == ()


def test_a_client_session_ends_an_exchange_with_a_stranger() -> None:
    one = client_in_ready("AUTH SCRAM-SHA-256", credentials=ALICE, initial_response=False)
    assert one.flight() == (Command("AUTH", "SCRAM-SHA-256"),)
    for challenge in ("", f"r=office.example.orgx,s={SALT},i=4096"):
        one.receive(Reply(334, (encode(challenge),)))
        assert one.flight() != (AuthLine("*"),)
    one.receive(Reply(334, (encode("v=AAAA"),)))
    assert one.flight() == (AuthLine("*"),)
    one.receive(Reply(501, ("Authentication cancelled",), "5.7.0"))
    assert one.failure is not None


def test_a_salt_is_always_the_same() -> None:
    assert salt_of("mx.example.net") == salt_of("mx.example.net") != salt_of("mx.example.org")
