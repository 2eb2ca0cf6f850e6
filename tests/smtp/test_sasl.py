"""PLAIN, LOGIN and CRAM-MD5 without SMTP around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.smtp import Claim, Credentials, Reply
from mailsim.smtp.sasl import (
    LOGIN_PROMPTS,
    MECHANISMS,
    Dialogue,
    answer,
    decode,
    encode,
    initial_response,
    is_right,
)

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=20)
NONCE = "<1896.697170952@postoffice.reston.mci.net>"


def test_base64() -> None:
    assert (encode(""), encode("ä"), decode("w6Q=")) == ("", "w6Q=", "ä")
    assert [decode(text) for text in ("=", "%", "AAA", "/w==", "A A=", "\xe4")] == [None] * 6
    assert tuple(decode(prompt) for prompt in LOGIN_PROMPTS) == ("Username:", "Password:")


@pytest.mark.row("X-AUTH")
def test_the_example_of_rfc_2195() -> None:
    tim = Credentials("tim", "tanstaaftanstaaf")
    response = answer("CRAM-MD5", tim, encode(NONCE))
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
    dialogue, credentials = Dialogue(mechanism, NONCE), Credentials(user, password)
    reply = dialogue.start(initial_response(mechanism, credentials) or "")
    while reply is not None:
        assert reply.code == 334
        reply = dialogue.take(answer(mechanism, credentials, reply.lines[0]))
    claim = dialogue.claim
    assert claim is not None
    assert (claim.mechanism, claim.user) == (mechanism, user)
    assert is_right(claim, password)
    assert is_right(claim, other) == (other == password)


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_an_initial_response_that_is_too_long_waits_for_the_challenge(mechanism: str) -> None:
    fits, long = Credentials("u" * 180, "p" * 190), Credentials("u" * 400, "p")
    assert len(initial_response(mechanism, fits) or "") <= 512 - len("AUTH PLAIN \r\n")
    assert initial_response(mechanism, long) is None
    dialogue = Dialogue(mechanism, "")
    reply = dialogue.start("")
    while reply is not None:
        reply = dialogue.take(answer(mechanism, long, reply.lines[0]))
    assert dialogue.claim == Claim(mechanism, "u" * 400, "p")


@pytest.mark.row("X-AUTH")
def test_a_challenge_that_makes_no_sense_is_cancelled() -> None:
    for mechanism in MECHANISMS:
        assert answer(mechanism, Credentials("u", "p"), "?") == "*"
    assert answer("CRAM-MD5", Credentials("u", "p"), "") == "*"


def test_an_empty_initial_response_is_an_equals_sign() -> None:
    assert Dialogue("LOGIN", "").start("=") == Reply(334, ("UGFzc3dvcmQ6",))
