"""ENHANCEDSTATUSCODES (RFC 2034)."""

from __future__ import annotations

from smtp.helpers import greeted, said

from mailsim.smtp import Command


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
