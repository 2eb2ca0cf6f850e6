"""Command lines (RFC 5321 section 4.1)."""

from __future__ import annotations

import pytest
from smtp.helpers import ask, connected

from mailsim.smtp import Command, Garbage, encode
from mailsim.smtp.codec import size
from mailsim.smtp.grammar import parse_command


@pytest.mark.row("F-06")
@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("ehlo X", Command("EHLO", "X")),
        ("mAIl fRoM:<a@B.c>", Command("MAIL", "a@B.c")),
        ("rcpt to:<PostMaster>", Command("RCPT", "PostMaster")),
        ("RCPT TO:<Smith@x>", Command("RCPT", "Smith@x")),
        ("MAIL FROM:<a@b> size=5", Command("MAIL", "a@b", (("SIZE", "5"),))),
        ("quit", Command("QUIT")),
    ],
)
def test_case_matters_in_local_parts_only(line: str, command: Command) -> None:
    assert parse_command(line) == command


@pytest.mark.row("F-07")
@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("QUIT ", Command("QUIT")),
        ("QUIT\t", Command("QUIT")),
        ("NOOP x \t ", Command("NOOP", "x")),
        ("MAIL FROM:<a@b.c>  ", Command("MAIL", "a@b.c")),
        ("MAIL FROM: <a@b.c>", Command("MAIL", "a@b.c")),
        ("RCPT TO:  <a@b.c>  NOTIFY=NEVER ", Command("RCPT", "a@b.c", (("NOTIFY", "NEVER"),))),
    ],
)
def test_white_space_that_is_tolerated(line: str, command: Command) -> None:
    assert parse_command(line) == command


def test_a_client_puts_no_space_before_a_path() -> None:
    assert encode(Command("MAIL", "a@b.c")) == b"MAIL FROM:<a@b.c>\r\n"
    assert encode(Command("RCPT", "a@b.c")) == b"RCPT TO:<a@b.c>\r\n"


@pytest.mark.row("F-13")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("FOO", 500),
        ("", 500),
        (" NOOP", 500),
        ("R\u017fET", 500),
        ("RSET\u2003", 500),
        ("\udcff\udcfe", 500),
        ("BDAT 5", 500),
        ("TURN", 502),
        ("ETRN x", 502),
        ("SEND FROM:<a@b>", 502),
        ("DATA now", 501),
        ("RSET now", 501),
        ("QUIT now", 501),
        ("STARTTLS now", 501),
        ("EHLO", 501),
        ("HELO", 501),
        ("EHLO a b", 501),
        ("EHLO [1.2.3]", 501),
        ("EHLO m\xfcnchen.example", 501),
        ("VRFY", 501),
        ("EXPN", 501),
        ("AUTH", 501),
        ("NOOP \x00", 501),
        ("NOOP \udcff", 501),
        ("MAIL", 501),
        ("MAIL FRM:<a@b>", 501),
        ("MAIL FROM:a@b", 501),
        ("MAIL FROM:<a@b", 501),
        ("MAIL FROM:<a@b>SIZE=1", 501),
        ("MAIL FROM:<a b>", 501),
        ("MAIL FROM:<a@b@c>", 501),
        ("MAIL FROM:<postmaster>", 501),
        ("RCPT TO:<>", 501),
        ("RCPT TO:<a>", 501),
        ("RCPT TO:<a@[1.2.3.256]>", 501),
        ("RCPT TO:<@a,b:u@d>", 501),
        ("MAIL FROM:<a@b> =", 501),
        ("MAIL FROM:<a@b> A=", 501),
        ("MAIL FROM:<a@b> A=b=c", 501),
    ],
)
def test_wrong_lines(line: str, code: int) -> None:
    value = parse_command(line)
    assert isinstance(value, Garbage)
    assert value.reply.code == code
    assert value.reply.enhanced[:1] in ("5", "")
    assert encode(value) == line.encode("utf-8", "surrogateescape") + b"\r\n"
    assert size(value) == len(encode(value))


@pytest.mark.row("F-13")
@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"DATA x", "501 5.5.4 Syntax: DATA"),
        (b"XFOO", "500 5.5.2 Error: command not recognized"),
        (b"SOML FROM:<a@b>", "502 5.5.1 Error: command not implemented"),
        (b"AUTH GSSAPI", "504 5.5.4 Unrecognized authentication type"),
        (b"MAIL FROM:<a@b> X=1", "555 5.5.4 Unsupported option"),
        (b"MAIL FROM:<a@b> XYZ", "555 5.5.4 Unsupported option"),
        (b"MAIL FROM:<a@b> SIZE=1 SIZE=1", "501 5.5.4 Error: an option is given twice"),
    ],
)
def test_a_wrong_line_changes_nothing(line: bytes, reply: str) -> None:
    connection = connected(b"EHLO x\r\n", auth="optional", tls="none")
    assert ask(connection, line + b"\r\nMAIL FROM:<a@b>\r\n") == [reply, "250 2.1.0 Ok"]


@pytest.mark.row("F-13")
def test_an_unknown_parameter_of_rcpt() -> None:
    connection = connected(b"EHLO x\r\nMAIL FROM:<a@b>\r\n")
    assert ask(connection, b"RCPT TO:<c@d> FOO=1\r\n") == ["555 5.5.4 Unsupported option"]
    old = connected(b"HELO x\r\n")
    assert ask(old, b"MAIL FROM:<a@b> SIZE=1\r\n") == ["555 5.5.4 Unsupported option"]


@pytest.mark.row("Q-15")
@pytest.mark.parametrize("path", ["@a:u@d.e", "@a,@b.example:u@d.e"])
def test_a_source_route_is_parsed_and_stripped(path: str) -> None:
    assert parse_command(f"RCPT TO:<{path}>") == Command("RCPT", "u@d.e")
    assert parse_command(f"MAIL FROM:<{path}>") == Command("MAIL", "u@d.e")


@pytest.mark.row("Q-11")
@pytest.mark.parametrize("name", ["postmaster", "Postmaster", "POSTMASTER"])
def test_postmaster_needs_no_domain(name: str) -> None:
    connection = connected(b"EHLO x\r\nMAIL FROM:<a@b.c>\r\n", is_submission=True)
    assert ask(connection, f"RCPT TO:<{name}>\r\n".encode()) == ["250 2.1.5 Ok"]
    assert connection.session.recipients == [name]
