"""XVERP (Postfix VERP_README)."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT, EHLO, client_in_ready, codes, greeted, said

from mailsim.message import Envelope
from mailsim.smtp import Command, ServerSession
from mailsim.smtp.grammar import command_line, parse_command
from mailsim.smtp.values import Garbage

pytestmark = pytest.mark.row("X-XVERP")


def ready() -> ServerSession:
    return greeted(extension_names=("XVERP", "ENHANCEDSTATUSCODES"))


def test_it_stands_in_ehlo() -> None:
    assert "XVERP" in said(ready(), EHLO)[0].lines


@pytest.mark.parametrize(
    ("value", "code"), [(None, 250), ("+=", 250), ("-+", 250), ("", 501), ("+", 501), ("a=", 501)]
)
def test_values(value: str | None, code: int) -> None:
    assert codes(ready(), EHLO, Command("MAIL", "a@b", (("XVERP", value),))) == [250, code]


@pytest.mark.parametrize("value", ["+=", "==", "-+"])
def test_its_delimiters_may_be_what_no_other_value_has(value: str) -> None:
    """RFC 5321 section 4.1.2 allows no ``=`` in a value, VERP_README has ``XVERP=+=``."""
    command = Command("MAIL", "a@b", (("XVERP", value),))
    assert parse_command(f"mail from:<a@b> xverp={value}") == command
    assert parse_command(command_line(command)) == command
    wrong = parse_command(f"MAIL FROM:<a@b> ENVID={value}=")
    assert isinstance(wrong, Garbage)
    assert isinstance(parse_command(f"MAIL FROM:<a@b> XVERP={value}="), Garbage)


@pytest.mark.parametrize("value", [None, "-="])
def test_a_client_asks_the_first_server(value: str | None) -> None:
    client = client_in_ready("XVERP", extension_names=("XVERP",))
    client.begin(Envelope("a@b", ("c@d",), (("XVERP", value),)), CONTENT)
    assert client.flight() == (Command("MAIL", "a@b", (("XVERP", value),)),)


def test_who_does_not_ask_says_nothing() -> None:
    client = client_in_ready("XVERP", extension_names=("XVERP",))
    client.begin(Envelope("a@b", ("c@d",), (("RET", "HDRS"),)), CONTENT)
    assert client.flight() == (Command("MAIL", "a@b"),)


def test_nobody_else_would_do_it() -> None:
    client = client_in_ready(extension_names=("XVERP",))
    transaction = client.begin(Envelope("a@b", ("c@d",), (("XVERP", None),)), CONTENT)
    assert client.flight() == ()
    assert str(transaction.reply_to(0))[:9] == "554 5.5.4"
