"""Signatures: who has signed, what breaks them, what keys are worth."""

from __future__ import annotations

import pytest
from authentication import drive

from mailsim.dns import NXDOMAIN, SERVFAIL, Answer
from mailsim.message import Content, Filler, Head, Received, new_content
from mailsim.mta.auth.dkim import DkimOutcome, author_domain, sign, signatures_of, verify

HEAD = Head(7, "mx.example.org", "alice@Example.org", "bob@example.net", "hello", 1_000_000)
PLAIN = new_content(HEAD, 1000)
SIGNED = sign(PLAIN, "example.org", "s1")
KEY = "v=DKIM1; k=rsa; p=MIIB IjAN"


def checked(content: Content, *data: str, status: str = "NOERROR") -> DkimOutcome:
    (signature,) = signatures_of(content)
    questions, outcome = drive(verify(signature, content), lambda *_: Answer(status, data, 60))
    assert questions == [("s1._domainkey.example.org", "TXT")]
    found: DkimOutcome = outcome
    return found


def test_a_signature_is_a_header_of_the_size_of_a_real_one() -> None:
    assert signatures_of(PLAIN) == []
    assert SIGNED.size == PLAIN.size + 513
    assert len(SIGNED.to_bytes()) == SIGNED.size
    assert Content.from_bytes(SIGNED.to_bytes()) == SIGNED
    assert checked(SIGNED, KEY) == ("pass", "example.org", "s1", "")


def test_two_signatures_the_newest_first() -> None:
    twice = sign(SIGNED, "esp.example", "k")
    assert [one.domain for one in signatures_of(twice)] == ["esp.example", "example.org"]
    for signature in signatures_of(twice):
        _, outcome = drive(verify(signature, twice), lambda *_: Answer("NOERROR", (KEY,), 60))
        assert outcome.result == "pass"


def test_what_a_relay_adds_on_top_does_not_break_it() -> None:
    line = Received("out", "out", "192.0.2.1", "mx", "ESMTP", "1", "", 1_000_000)
    assert checked(SIGNED.with_received(line), KEY).result == "pass"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (SIGNED._replace(body=Filler(1100)), "body hash did not verify"),
        (SIGNED._replace(body=b"other text\r\n"), "body hash did not verify"),
        (
            SIGNED._replace(head=SIGNED.head._replace(subject="[list] hello")),
            "signature did not verify",
        ),
        (
            SIGNED._replace(head=SIGNED.head._replace(sender="list@example.com")),
            "signature did not verify",
        ),
    ],
)
def test_what_a_list_changes_breaks_it(changed: Content, why: str) -> None:
    assert checked(changed, KEY) == ("fail", "example.org", "s1", why)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=DKIM1; p=", "key revoked"),
        ("v=DKIM2; p=AA", "key syntax error"),
        ("v=DKIM1; k=rsa;", "key syntax error"),
        ("k=ed25519; p=AA", "inappropriate key algorithm"),
        ("h=sha1; p=AA", "inappropriate key algorithm"),
    ],
)
def test_a_key_that_is_no_use(record: str, why: str) -> None:
    assert checked(SIGNED, record) == ("permerror", "example.org", "s1", why)


def test_no_key_and_no_answer() -> None:
    assert checked(SIGNED, status=NXDOMAIN).why == "no key for signature"
    assert checked(SIGNED, status=SERVFAIL).result == "temperror"


def test_the_least_that_a_key_needs() -> None:
    assert checked(SIGNED, "p=AA; h=sha1:sha256").result == "pass"


def test_octets_are_not_signed_and_have_an_author_all_the_same() -> None:
    octets = Content.from_bytes(b"To: x@y\r\nFROM: Al <al@Example.COM>\r\n\r\nFrom: x@evil\r\n")
    assert sign(octets, "example.com", "s1") == octets
    assert signatures_of(octets) == []
    assert author_domain(octets) == "example.com"
    assert author_domain(Content.from_bytes(b"To: x@y\r\n\r\n")) == ""
    assert author_domain(PLAIN) == "example.org"
