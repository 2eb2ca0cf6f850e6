"""The order of a session, as its server keeps it (RFC 5321 sections 3 and 4.1.4)."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    CONTENT,
    DATA,
    EHLO,
    GREETING,
    MAIL,
    RCPT,
    ask,
    codes,
    connected,
    greeted,
    said,
)

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp import Chunk, Command, Garbage, Reply, ServerConfig, ServerSession, State
from mailsim.smtp.extensions import Extension

RSET = Command("RSET")
NOOP = Command("NOOP")
QUIT = Command("QUIT")


@pytest.mark.row("Q-01")
def test_the_server_speaks_first() -> None:
    server = ServerSession(ServerConfig("mx.example.net"))
    with pytest.raises(LocalProtocolError, match="GREETING is still owed"):
        server.receive(EHLO)
    assert server.reply(GREETING) == GREETING
    assert GREETING.lines[0].split()[0] == "mx.example.net"
    assert server.state is State.GREETED


@pytest.mark.row("Q-01")
def test_after_554_everything_but_quit_gets_503() -> None:
    server = ServerSession(ServerConfig("mx.example.net"))
    server.reply(Reply(554, ("no SMTP service here",)))
    others = [Command(verb) for verb in ("RSET", "NOOP", "HELP", "DATA", "STARTTLS")]
    others += [Command(verb, "x") for verb in ("EHLO", "HELO", "VRFY", "EXPN", "AUTH")]
    assert codes(server, *others, MAIL, RCPT) == [503] * 12
    assert codes(server, QUIT) == [221]
    with pytest.raises(LocalProtocolError, match="closed"):
        server.receive(EHLO)


@pytest.mark.row("Q-02")
@pytest.mark.row("Q-05")
@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ([MAIL], [503]),
        ([Command("AUTH", "PLAIN x")], [503]),
        ([RCPT, DATA, Chunk(CONTENT, is_last=True)], [503, 503, 503]),
        ([EHLO, RCPT], [250, 503]),
        ([EHLO, DATA], [250, 503]),
        ([EHLO, MAIL, MAIL], [250, 250, 503]),
        ([EHLO, MAIL, DATA], [250, 250, 554]),
        ([EHLO, MAIL, RCPT, DATA, EHLO], [250, 250, 250, 354, 503]),
        ([EHLO, MAIL, RCPT, RSET, DATA], [250, 250, 250, 250, 503]),
        ([Command("EXPN", "list"), Command("HELP"), Command("HELP", "MAIL")], [502, 214, 214]),
        ([Command("HELO", "x"), MAIL, RCPT, DATA, CONTENT, QUIT], [250, 250, 250, 354, 250, 221]),
        ([Command("HELO", "x"), Command("MAIL", "a@b", (("SIZE", "1"),))], [250, 555]),
    ],
)
def test_order(commands: list[Command], expected: list[int]) -> None:
    assert codes(greeted(), *commands) == expected


@pytest.mark.row("Q-03")
def test_ehlo_at_any_time_ends_the_transaction() -> None:
    server = greeted()
    assert codes(server, EHLO, MAIL, RCPT, EHLO) == [250] * 4
    assert (server.state, server.recipients, server.sender) == (State.READY, [], "")
    assert codes(server, RCPT, MAIL, Command("HELO", "other"), MAIL) == [503, 250, 250, 250]
    assert (server.helo, server.is_esmtp) == ("other", False)


@pytest.mark.row("Q-03")
@pytest.mark.parametrize("name", ["no.such.host.invalid", "localhost", "x", "[192.0.2.99]"])
def test_any_name_will_do(name: str) -> None:
    assert codes(greeted(), Command("EHLO", name), MAIL) == [250, 250]


@pytest.mark.row("Q-04")
def test_ehlo_lists_what_is_served_and_nothing_else() -> None:
    (reply,) = said(greeted(), EHLO)
    assert reply.lines == (
        "mx.example.net",
        "PIPELINING",
        "SIZE 10240000",
        "STARTTLS",
        "ENHANCEDSTATUSCODES",
        "8BITMIME",
        "DSN",
        "SMTPUTF8",
        "CHUNKING",
    )
    served = {"STARTTLS": Command("STARTTLS"), "AUTH": Command("AUTH", "PLAIN")}
    for options in ({"tls": "none"}, {"tls": "implicit"}, {"auth": "optional"}, {}):
        keywords = [line.split()[0] for line in said(greeted(**options), EHLO)[0].lines]
        for keyword, command in served.items():
            got = codes(greeted(**options), EHLO, command)[1]
            assert (got not in (500, 502, 503)) == (keyword in keywords)
    assert said(greeted(), Command("HELO", "x")) == [Reply(250, ("mx.example.net",))]


@pytest.mark.row("Q-06")
def test_a_failed_command_leaves_everything_as_it_was() -> None:
    server = greeted(ask=frozenset({"MAIL", "RCPT"}))
    said(server, EHLO)
    server.receive(MAIL)
    server.reply(Reply(550, ("not you",), "5.7.1"))
    assert (server.state, server.sender, server.n_transactions) == (State.READY, "", 0)
    said(server, MAIL)
    for code in (250, 550, 450, 250):
        server.receive(RCPT)
        server.reply(Reply(code))
        assert server.state is State.RCPT
    assert server.envelope == Envelope("a@example.org", ("b@example.net", "b@example.net"))
    assert codes(server, DATA, CONTENT) == [354, 250]


@pytest.mark.row("Q-07")
@pytest.mark.trap("RSET before MAIL")
def test_rset_at_any_time() -> None:
    server = greeted()
    assert codes(server, RSET, EHLO, RSET, MAIL, RSET) == [250] * 5
    assert codes(server, MAIL, RCPT, RSET) == [250] * 3
    assert (server.state, server.recipients) == (State.READY, [])
    assert codes(server, MAIL, RCPT, Chunk(CONTENT, is_last=False), RSET) == [250] * 4
    assert server.chunked_bytes == 0
    assert server.state is State.READY


@pytest.mark.row("Q-08")
def test_noop_does_nothing_and_quit_closes() -> None:
    server = greeted()
    assert codes(server, NOOP, EHLO, MAIL, Command("NOOP", "anything at all"), RCPT) == [250] * 5
    assert server.state is State.RCPT
    assert [str(reply) for reply in said(server, QUIT)] == ["221 2.0.0 Bye"]
    assert server.state is State.CLOSED


@pytest.mark.row("Q-09")
@pytest.mark.parametrize(
    "commands", [[], [EHLO], [EHLO, MAIL], [EHLO, MAIL, RCPT], [EHLO, MAIL, RCPT, DATA]]
)
def test_a_server_may_say_421_at_any_point(commands: list[Command]) -> None:
    server = greeted()
    said(server, *commands)
    bye = Reply(421, ("mx.example.net shutting down",), "4.3.2")
    assert server.close(bye) == bye
    assert (server.state, server.awaited, server.recipients) == (State.CLOSED, "", [])
    with pytest.raises(LocalProtocolError, match="421 closes"):
        server.close(bye)
    with pytest.raises(LocalProtocolError, match="421 closes"):
        greeted().close(Reply(221))


@pytest.mark.row("Q-09")
def test_421_may_be_the_driver_s_answer() -> None:
    server = greeted()
    said(server, EHLO, MAIL)
    server.receive(RCPT)
    server.reply(Reply(421, ("later",), "4.3.2"))
    assert server.state is State.CLOSED


@pytest.mark.row("Q-10")
def test_vrfy_expn_and_help() -> None:
    server = greeted(ask=frozenset({"VRFY", "EXPN"}))
    for code in (250, 251, 252, 550, 551, 553, 502, 504):
        server.receive(Command("VRFY", "Smith"))
        assert server.reply(Reply(code)).code == code
    for code in (250, 252, 550, 502, 504):
        server.receive(Command("EXPN", "list"))
        assert server.reply(Reply(code)).code == code
    assert [str(r)[:9] for r in said(greeted(), Command("VRFY", "b"))] == ["252 2.0.0"]
    disabled = said(greeted(is_vrfy_enabled=False), Command("VRFY", "b"))
    assert [str(r) for r in disabled] == ["502 5.5.1 VRFY command is disabled"]
    assert codes(greeted(), Command("HELP")) == [214]


@pytest.mark.row("Q-10")
def test_help_lists_what_is_offered_now() -> None:
    def words(server: ServerSession) -> str:
        return " ".join(said(server, Command("HELP"))[0].lines)

    bare = {"tls": "none", "extension_names": ("SIZE",), "is_vrfy_enabled": False}
    assert words(greeted(**bare)) == "HELO EHLO MAIL RCPT DATA RSET NOOP HELP QUIT"
    assert words(greeted(is_lmtp=True, tls="none")).startswith("LHLO MAIL RCPT DATA BDAT RSET")
    server = greeted(auth="optional", is_auth_tls_only=True)
    assert words(server) == "HELO EHLO STARTTLS MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"
    said(server, EHLO, Command("STARTTLS"))
    server.expect_tls()
    server.reply(Reply(220))
    assert words(server) == "HELO EHLO AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"
    said(server, EHLO)
    server.receive(Command("AUTH", "PLAIN AGFsaWNlAHdvbmRlcmxhbmQ="))
    server.reply(Reply(235))
    assert words(server) == "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"


@pytest.mark.row("Q-13")
@pytest.mark.parametrize("code", [250, 450, 452, 550, 552, 554])
def test_the_answer_to_a_content_is_one_for_all(code: int) -> None:
    server = greeted()
    said(server, EHLO, MAIL, RCPT, RCPT, DATA)
    assert server.receive(CONTENT) is None
    assert server.content == CONTENT
    assert server.reply(Reply(code)).code == code
    assert (server.content, server.recipients, server.state) == (None, [], State.READY)


@pytest.mark.row("Q-14")
@pytest.mark.row("F-09")
def test_too_many_recipients_are_refused_and_the_others_kept() -> None:
    server = greeted(max_recipients=1)
    replies = said(server, EHLO, MAIL, RCPT, RCPT, DATA)
    assert str(replies[3]) == "452 4.5.3 Error: too many recipients"
    assert replies[4].code == 354


@pytest.mark.row("Q-16")
def test_a_host_that_takes_no_mail_says_so_in_its_greeting() -> None:
    server = ServerSession(ServerConfig("mx.example.net"))
    server.reply(Reply(521, ("mx.example.net does not accept mail",)))
    assert server.state is State.CLOSED
    relay = greeted()
    said(relay, EHLO, MAIL)
    relay.receive(RCPT)
    refusal = Reply(556, ("the domain does not accept mail",), "5.1.10")
    assert relay.reply(refusal) == refusal


def test_content_without_recipients_is_refused() -> None:
    server = greeted(ask=frozenset({"DATA"}))
    said(server, EHLO, MAIL)
    server.recipients.append("x@y")
    assert server.receive(DATA) is None
    server.reply(Reply(354))
    server.recipients.clear()
    assert codes(server, CONTENT) == [554]


def test_garbage_bears_its_own_reply() -> None:
    server = greeted()
    reply = server.receive(Garbage("FOO", "", Reply(500, ("what?",), "5.5.2")))
    assert reply == Reply(500, ("what?",), "5.5.2")
    assert server.state is State.GREETED
    late = Garbage("", "BDAT", Reply(552, ("too large",), "5.3.4"))
    assert codes(server, late) == [503], "out of order comes first"


def test_a_connection_lost_forgets_what_was_not_complete() -> None:
    server = greeted()
    said(server, EHLO, MAIL, RCPT, Chunk(CONTENT, is_last=False))
    server.lost()
    assert (server.state, server.recipients, server.content) == (State.CLOSED, [], None)


def test_protocol_keywords() -> None:
    server = greeted()
    assert server.protocol == "SMTP"
    said(server, EHLO)
    assert server.protocol == "ESMTP"
    said(server, Command("HELO", "x"))
    assert server.protocol == "SMTP"


def test_an_extension_says_something_in_ehlo_and_nothing_else_by_default() -> None:
    extension = Extension()
    with pytest.raises(NotImplementedError):
        extension.ehlo_line(ServerConfig("x"), is_tls=False)
    empty = Content(0, (), b"", b"")
    assert extension.say_mail(Envelope("a@b", ("c@d",)), empty, {}, is_tls=False) == ()


def test_a_group_of_commands_in_one_packet() -> None:
    group = b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\na\r\n.\r\nQUIT\r\nNOOP\r\n"
    connection = connected()
    replies = ask(connection, group)
    assert [line[:4] for line in replies if line[3] == " "] == [
        "250 ", "250 ", "250 ", "354 ", "250 ", "221 "
    ]  # fmt: skip
    assert connection.state is State.CLOSED


def test_a_policy_may_be_asked_about_ehlo() -> None:
    server = ServerSession(ServerConfig("mx.example.net", ask=frozenset({"EHLO"})))
    server.reply(GREETING)
    assert server.receive(EHLO) is None
    assert server.awaited == "EHLO"
    reply = server.reply(server.default_reply())
    assert reply.code == 250
    assert any(line.startswith("SIZE") for line in reply.lines)
