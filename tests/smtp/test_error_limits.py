"""Errors of a client: replies held back, and 421 in the end (Postfix's soft and hard limits)."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT, DATA, EHLO, MAIL, RCPT, ask, codes, connected, greeted, said

from mailsim.smtp import Command, Garbage, Reply, State

FOO = Garbage("FOO", "", Reply(500, ("what?",), "5.5.2"))
NOOP = Command("NOOP")
SECOND = 1_000_000_000


def test_from_the_soft_limit_on_replies_are_held_back() -> None:
    """As Postfix does it: the limit is looked at before the error is counted."""
    server = greeted(soft_error_limit=2, hard_error_limit=0)
    delays = []
    for value in (FOO, EHLO, MAIL, MAIL, NOOP, RCPT):
        said(server, value)
        delays.append(server.delay_ns)
    assert delays == [0, 0, 0, 0, SECOND, SECOND]


@pytest.mark.row("Q-09")
@pytest.mark.parametrize("n", [0, 1])
def test_at_the_hard_limit_421_follows_at_once(n: int) -> None:
    connection = connected(hard_error_limit=3)
    assert ask(connection, b"FOO\r\nMAIL FROM:<a@b>\r\nFOO\r\nNOOP\r\nQUIT\r\n", n) == [
        "500 5.5.2 Error: command not recognized",
        "503 5.5.1 Error: send HELO/EHLO first",
        "500 5.5.2 Error: command not recognized",
        "421 4.7.0 Error: too many errors",
    ]
    assert connection.state is State.CLOSED


@pytest.mark.row("Q-09")
def test_refused_recipients_are_errors_too() -> None:
    server = greeted(hard_error_limit=2, soft_error_limit=0)
    said(server, EHLO, MAIL)
    for _ in range(2):
        assert not server.is_out_of_patience
        server.receive(RCPT)
        server.reply(Reply(550, ("no",), "5.1.1"))
    assert server.is_out_of_patience
    assert str(server.close()) == "421 4.7.0 Error: too many errors"
    assert (server.state, server.is_out_of_patience) == (State.CLOSED, False)


def test_an_accepted_message_wipes_the_slate_clean() -> None:
    server = greeted(hard_error_limit=2, soft_error_limit=1)
    assert codes(server, EHLO, FOO, MAIL, RCPT, DATA, CONTENT, FOO) == [
        250, 500, 250, 250, 354, 250, 500
    ]  # fmt: skip
    assert server.delay_ns == 0
    assert codes(server, FOO) == [500]
    assert server.is_out_of_patience


@pytest.mark.parametrize(
    "junk", [NOOP, Command("RSET"), Command("VRFY", "x"), Command("HELP"), EHLO]
)
def test_commands_without_mail_become_errors_but_keep_their_replies(junk: Command) -> None:
    server = greeted(junk_command_limit=2, hard_error_limit=2, soft_error_limit=0)
    said(server, *[junk] * 4)
    assert not server.is_out_of_patience
    said(server, junk)
    assert server.is_out_of_patience


def test_no_limits() -> None:
    server = greeted(junk_command_limit=0, hard_error_limit=0, soft_error_limit=0)
    assert codes(server, *[FOO] * 50) == [500] * 50
    assert codes(server, *[NOOP] * 150) == [250] * 150


def test_a_connection_waits_with_what_is_already_there() -> None:
    connection = connected(soft_error_limit=1)
    connection.receive_data(b"FOO\r\nNOOP\r\nNOOP\r\n")
    replies = []
    for _ in range(4):
        assert connection.advance() is None
        replies.append((connection.data_to_send(), connection.take_delay()))
    assert replies == [
        (b"500 5.5.2 Error: command not recognized\r\n250 2.0.0 Ok\r\n", SECOND),
        (b"250 2.0.0 Ok\r\n", SECOND),
        (b"", 0),
        (b"", 0),
    ]
