"""SIZE (RFC 1870)."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    CONTENT,
    DATA,
    EHLO,
    ENVELOPE,
    RCPT,
    client_in_ready,
    codes,
    delivered,
    greeted,
    said,
)

from mailsim.message import Content
from mailsim.smtp import Command, Reply

pytestmark = pytest.mark.row("X-SIZE")


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
        ("\u0661", 501),
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


def test_the_declared_size_counts_no_doubled_dots_and_no_end() -> None:
    client = client_in_ready("SIZE")
    client.begin(ENVELOPE, Content.from_bytes(b"Subject: x\r\n\r\n.\r\n"))
    assert client.flight() == (Command("MAIL", "a@example.org", (("SIZE", "17"),)),)
    silent = client_in_ready()
    silent.begin(ENVELOPE, CONTENT)
    assert silent.flight() == (Command("MAIL", "a@example.org"),)


@pytest.mark.parametrize(("verb", "code"), [("MAIL", 452), ("RCPT", 452), ("RCPT", 552)])
def test_no_room_now_or_for_this_mailbox_is_the_driver_s_to_say(verb: str, code: int) -> None:
    server = greeted(ask=frozenset({verb}))
    commands = {"MAIL": mail("10"), "RCPT": RCPT}
    said(server, EHLO, *([mail("10")] if verb == "RCPT" else []))
    assert server.receive(commands[verb]) is None
    assert server.reply(Reply(code, ("full",), f"{code // 100}.2.2")).code == code


@pytest.mark.parametrize(("declared", "size", "code"), [("5", 1000, 250), ("1000", 1001, 552)])
def test_the_declared_size_does_not_tell_the_end_of_the_data(
    declared: str, size: int, code: int
) -> None:
    server = greeted(max_message_size=1000)
    content = Content.from_bytes(b"x" * (size - 2) + b"\r\n")
    assert codes(server, EHLO, mail(declared), RCPT, DATA, content) == [250, 250, 250, 354, code]


def test_exactly_the_maximum_is_taken() -> None:
    transaction, _, _ = delivered(server_options={"max_message_size": CONTENT.size})
    assert transaction.reply_to(0).code == 250
