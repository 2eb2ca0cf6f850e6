"""SIZE (RFC 1870)."""

from __future__ import annotations

import pytest
from smtp.helpers import delivered, greeted, said

from mailsim.smtp import Command

EHLO = Command("EHLO", "office.example.org")


def mail(value: str | None) -> Command:
    return Command("MAIL", "a@example.org", (("SIZE", value),))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1000", 250),
        ("0", 250),
        ("1001", 552),
        ("x", 501),
        (None, 501),
        ("-1", 501),
        ("9" * 21, 501),
    ],
)
def test_declared_size(value: str | None, code: int) -> None:
    replies = said(greeted(max_message_size=1000), EHLO, mail(value))
    assert "SIZE 1000" in replies[0].lines
    assert replies[1].code == code


def test_zero_is_no_limit() -> None:
    assert said(greeted(max_message_size=0), EHLO, mail("9" * 20))[1].code == 250


def test_a_client_declares_the_size_and_gives_up_at_once() -> None:
    transaction, verbs, _ = delivered(server_options={"max_message_size": 100}, pipelining=False)
    assert transaction.reply_to(0).code == 552
    assert "DATA" not in verbs


def test_a_content_larger_than_the_limit_is_refused_whatever_was_declared() -> None:
    options = {"max_message_size": 100, "extension_names": ("PIPELINING",)}
    transaction, verbs, _ = delivered(server_options=options)
    assert transaction.reply_to(0).code == 552
    assert verbs[-1] == "Content"
