"""The mechanisms without SMTP around them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailsim.smtp import Claim, Credentials, Reply
from mailsim.smtp.sasl import (
    LOGIN_PROMPTS,
    MECHANISMS,
    Dialogue,
    decode,
    encode,
    is_right,
    shown,
)
from mailsim.smtp.sasl_client import ClientDialogue
from mailsim.smtp.scram import prepared

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=20)
SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
NONCE = "<1896.697170952@postoffice.reston.mci.net>"


def asked(client: ClientDialogue, challenge: str) -> str:
    """Return what a client answers to a challenge in base64."""
    assert client.hear(Reply(334, (challenge,))) is None
    return client.answer()


def test_base64() -> None:
    assert (encode(""), encode("ä"), decode("w6Q=")) == ("", "w6Q=", "ä")
    assert [decode(text) for text in ("=", "%", "AAA", "/w==", "A A=", "\xe4")] == [None] * 6
    assert tuple(decode(prompt) for prompt in LOGIN_PROMPTS) == ("Username:", "Password:")


@pytest.mark.row("X-AUTH")
def test_the_example_of_rfc_2195() -> None:
    tim = Credentials("tim", "tanstaaftanstaaf")
    response = asked(ClientDialogue("CRAM-MD5", tim), encode(NONCE))
    assert decode(response) == "tim b913a602c7eda7a495b4e6e7334d3890"
    claim = Claim("CRAM-MD5", "tim", "", "b913a602c7eda7a495b4e6e7334d3890", NONCE)
    assert is_right(claim, "tanstaaftanstaaf")
    assert is_right(claim._replace(digest=claim.digest.upper()), "tanstaaftanstaaf")
    assert not is_right(claim, "tanstaaftanstaa")
    assert not is_right(claim._replace(digest="ü"), "tanstaaftanstaaf")


@pytest.mark.row("X-AUTH")
@given(st.sampled_from(MECHANISMS), TEXT, TEXT, TEXT)
def test_both_sides_understand_each_other(
    mechanism: str, user: str, password: str, other: str
) -> None:
    assume(normalize(user, mechanism))
    dialogue = Dialogue(mechanism, NONCE, "server", SALT)
    client = ClientDialogue(mechanism, Credentials(user, password), "client")
    reply = dialogue.start(client.initial() or "")
    while True:
        while reply is not None:
            assert reply.code == 334
            reply = dialogue.take(asked(client, reply.lines[0]))
        claim = dialogue.claim
        assert claim is not None
        assert (claim.mechanism, claim.user) == (mechanism, normalize(user, mechanism))
        assert is_right(claim, password)
        assert is_right(claim, other) == (
            normalize(other, mechanism) == normalize(password, mechanism)
        )
        reply = shown(claim, password)
        if reply is None:
            break
    assert client.hear(Reply(235)) is None


def normalize(text: str, mechanism: str) -> str:
    return prepared(text) if mechanism == "SCRAM-SHA-256" else text


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_an_initial_response_that_is_too_long_waits_for_the_challenge(mechanism: str) -> None:
    fits, long = Credentials("u" * 180, "p" * 190), Credentials("u" * 400, "p")
    assert 0 < len(ClientDialogue(mechanism, fits).initial() or "") <= 512 - len("AUTH PLAIN \r\n")
    client = ClientDialogue(mechanism, long)
    assert client.initial() is None
    dialogue = Dialogue(mechanism, "")
    reply = dialogue.start("")
    while reply is not None:
        reply = dialogue.take(asked(client, reply.lines[0]))
    assert dialogue.claim == Claim(mechanism, "u" * 400, "p")


@pytest.mark.row("X-AUTH")
def test_a_challenge_that_makes_no_sense_is_cancelled() -> None:
    for mechanism in MECHANISMS:
        assert asked(ClientDialogue(mechanism, Credentials("u", "p"), "x"), "?") == "*"
    assert asked(ClientDialogue("CRAM-MD5", Credentials("u", "p")), "") == "*"


def test_an_empty_initial_response_is_an_equals_sign() -> None:
    assert Dialogue("LOGIN", "").start("=") == Reply(334, ("UGFzc3dvcmQ6",))
