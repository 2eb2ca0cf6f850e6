"""ENHANCEDSTATUSCODES (RFC 2034)."""

from __future__ import annotations

import pytest
from smtp.helpers import EHLO, ask, connected, greeted, said

from mailsim.smtp import Command, Reply, encode_reply

pytestmark = pytest.mark.row("X-ENHANCEDSTATUSCODES")


def test_replies_bear_a_code_of_their_class_but_ehlo_does_not() -> None:
    ehlo, *others = said(
        greeted(),
        Command("EHLO", "office.example.org"),
        Command("NOOP"),
        Command("RCPT", "b@example.net"),
        Command("MAIL", "a@example.org"),
        Command("MAIL", "a@example.org"),
        Command("VRFY", "b"),
        Command("HELP"),
        Command("RSET"),
        Command("QUIT"),
    )
    assert "ENHANCEDSTATUSCODES" in ehlo.lines
    assert ehlo.enhanced == ""
    assert [reply.code for reply in others] == [250, 503, 250, 503, 252, 214, 250, 221]
    assert all(reply.enhanced[0] == str(reply.code)[0] for reply in others)


def test_every_line_of_a_reply_bears_the_same_code() -> None:
    reply = Reply(550, ("no such user", "", "try postmaster"), "5.1.1")
    assert encode_reply(reply) == (
        b"550-5.1.1 no such user\r\n550-5.1.1\r\n550 5.1.1 try postmaster\r\n"
    )


def test_not_on_the_greeting_nor_on_the_replies_to_ehlo_and_helo() -> None:
    replies = ask(connected(), b"EHLO\r\nHELO a b\r\nHELO x\r\n")
    assert replies == [
        "501 Syntax: EHLO argument",
        "501 Syntax: HELO hostname",
        "250 mx.example.net",
    ]
    fresh = greeted()
    fresh.awaited = "HELO"
    fresh.command = Command("HELO", "x")
    assert fresh.reply(Reply(550, ("no",), "5.7.1")) == Reply(550, ("no",))


def test_nowhere_where_it_is_not_offered() -> None:
    server = greeted(extension_names=())
    replies = said(server, EHLO, Command("NOOP"), Command("MAIL", "a@b"), Command("MAIL", "a@b"))
    assert [reply.enhanced for reply in replies] == [""] * 4
    server.receive(Command("RCPT", "c@d"))
    assert server.reply(Reply(550, ("no",), "5.1.1")) == Reply(550, ("no",))


@pytest.mark.parametrize("line", [b"FOO", b"AUTH", b"MAIL FROM:<>x", b"RCPT TO:<a@b>", b"DATA x"])
def test_on_every_refusal(line: bytes) -> None:
    (reply,) = ask(connected(b"HELO x\r\n"), line + b"\r\n")
    assert reply[4:7] in ("5.5", "5.1")
