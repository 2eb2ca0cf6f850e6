"""Both machines: order, refusals, agreement on the state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smtp.helpers import CONTENT, GREETING, HEAD, delivered, greeted, said, talk

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Envelope, new_content
from mailsim.smtp import (
    ClientConfig,
    ClientSession,
    Command,
    Garbage,
    Reply,
    ServerConfig,
    ServerSession,
    State,
)
from mailsim.smtp.extensions import Extension
from mailsim.smtp.replies import CODES, PERMITTED
from mailsim.smtp.states import TRANSITIONS, next_state

EHLO = Command("EHLO", "office.example.org")
MAIL = Command("MAIL", "a@example.org")
RCPT = Command("RCPT", "b@example.net")
DATA = Command("DATA")
ENVELOPE = Envelope("a@example.org", ("b@example.net",))


def client_in_ready(**options: object) -> ClientSession:
    client = ClientSession(ClientConfig("office.example.org", **options))  # type: ignore[arg-type]
    client.receive(GREETING)
    client.flight()
    client.receive(Reply(250, ("mx.example.net",)))
    return client


@pytest.mark.parametrize(
    ("commands", "codes"),
    [
        ([MAIL], [503]),
        ([Command("AUTH", "PLAIN x")], [503]),
        ([EHLO, RCPT], [250, 503]),
        ([EHLO, DATA], [250, 503]),
        ([EHLO, MAIL, MAIL], [250, 250, 503]),
        ([EHLO, MAIL, DATA], [250, 250, 554]),
        ([EHLO, MAIL, RCPT, DATA, EHLO], [250, 250, 250, 354, 503]),
        ([EHLO, MAIL, RCPT, EHLO, RCPT], [250, 250, 250, 250, 503]),
        ([EHLO, MAIL, RCPT, Command("RSET"), DATA], [250, 250, 250, 250, 503]),
        ([Command("RSET"), Command("NOOP"), Command("VRFY", "b")], [250, 250, 252]),
        ([Command("EXPN", "list"), Command("HELP")], [502, 214]),
        ([Command("HELO", "x"), MAIL, Command("QUIT")], [250, 250, 221]),
        ([Command("HELO", "x"), Command("MAIL", "a@b", (("SIZE", "1"),))], [250, 555]),
        ([EHLO, Command("MAIL", "a@b", (("FOO", None),))], [250, 555]),
        ([EHLO, MAIL, Command("RCPT", "b@c", (("FOO", "1"),))], [250, 250, 555]),
    ],
)
def test_order(commands: list[Command], codes: list[int]) -> None:
    assert [reply.code for reply in said(greeted(), *commands)] == codes


def test_rcpt_parameters_of_an_extension_are_asked() -> None:
    server = greeted()
    seen: list[str | None] = []

    def check(session: ServerSession, value: str | None) -> Reply | None:
        seen.append(value)
        return Reply(501) if value == "bad" else None

    server.config.rcpt_params["X"] = check  # type: ignore[index]
    said(server, EHLO, MAIL)
    codes = [said(server, Command("RCPT", "b@c", (("X", v),)))[0].code for v in ("good", "bad")]
    assert (codes, seen) == ([250, 501], ["good", "bad"])


def test_bad_commands_change_nothing() -> None:
    server = greeted()
    reply = server.receive(Garbage("FOO", "", Reply(500, ("what?",), "5.5.2")))
    assert reply == Reply(500, ("what?",), "5.5.2")
    assert server.state is State.GREETED


def test_too_many_recipients() -> None:
    server = greeted(max_recipients=1)
    codes = [reply.code for reply in said(server, EHLO, MAIL, RCPT, RCPT, DATA)]
    assert codes == [250, 250, 250, 452, 354]


def test_content_without_recipients_is_refused() -> None:
    server = greeted(ask=frozenset({"DATA"}))
    said(server, EHLO, MAIL)
    server.recipients.append("x@y")
    assert server.receive(DATA) is None
    server.reply(Reply(354))
    server.recipients.clear()
    reply = server.receive(CONTENT)
    assert reply is not None
    assert reply.code == 554


def test_a_server_that_takes_no_mail() -> None:
    server = ServerSession(ServerConfig("mx.example.net"))
    server.reply(Reply(554, ("no SMTP service here",)))
    assert [reply.code for reply in said(server, EHLO, Command("QUIT"))] == [503, 221]
    with pytest.raises(LocalProtocolError, match="closed"):
        server.receive(EHLO)


def test_a_driver_may_not_break_the_law() -> None:
    server = greeted()
    with pytest.raises(LocalProtocolError, match="250 is no reply to nothing"):
        server.reply(Reply(250))
    said(server, EHLO)
    server.receive(MAIL)
    assert server.receive(RCPT) is None
    with pytest.raises(LocalProtocolError, match="still owed"):
        server.receive(RCPT)
    with pytest.raises(LocalProtocolError, match="354 is no reply to RCPT"):
        server.reply(Reply(354))


def test_protocol_keywords() -> None:
    server = greeted()
    assert server.protocol == "SMTP"
    said(server, EHLO)
    assert server.protocol == "ESMTP"


def test_421_answers_anything() -> None:
    for state in State:
        for verb in TRANSITIONS[state]:
            assert next_state(state, verb, 421) is State.CLOSED
    assert next_state(State.READY, "RCPT", 503) is State.READY
    assert next_state(State.READY, "RCPT", 250) is None
    assert next_state(State.CLOSED, "NOOP", 503) is None


def test_every_code_is_known() -> None:
    assert {code for codes in PERMITTED.values() for code in codes} <= set(CODES)
    assert str(Reply(250, ("a", "b"))) == "250 a b"
    assert Reply(250).is_positive
    assert Reply(450).is_temporary
    assert not Reply(550).is_temporary


def test_an_extension_says_something() -> None:
    with pytest.raises(NotImplementedError):
        Extension().ehlo_line(ServerConfig("x"), is_tls=False)


@pytest.mark.parametrize("code", [500, 502])
def test_a_client_falls_back_to_helo(code: int) -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    client.receive(GREETING)
    client.flight()
    client.receive(Reply(code))
    assert client.flight() == (Command("HELO", "office.example.org"),)
    client.receive(Reply(250))
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (MAIL,)


@pytest.mark.parametrize("reply", [Reply(550, ("no",)), Reply(450, ("later",))])
def test_a_client_gives_up_where_ehlo_is_refused(reply: Reply) -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    transaction = client.begin(ENVELOPE, CONTENT)
    client.receive(GREETING)
    client.flight()
    client.receive(reply)
    assert client.flight() == ()
    assert transaction.reply_to(0) == reply
    assert client.begin(ENVELOPE, CONTENT).reply_to(0) == reply
    client.quit()
    assert client.flight() == (Command("QUIT"),)


def test_a_client_refused_at_the_greeting() -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    transaction = client.begin(ENVELOPE, CONTENT)
    client.receive(Reply(554, ("no",)))
    assert transaction.reply_to(0).code == 554
    assert client.flight() == ()


@pytest.mark.parametrize("final", [250, 452, 554])
def test_every_final_reply_is_legal(final: int) -> None:
    client = client_in_ready(pipelining=False)
    transaction = client.begin(ENVELOPE, CONTENT)
    for code in (250, 250, 354, final):
        assert client.flight()
        client.receive(Reply(code))
    assert transaction.reply_to(0).code == final
    assert client.state is State.READY


def test_data_refused() -> None:
    client = client_in_ready(pipelining=False)
    transaction = client.begin(ENVELOPE, CONTENT)
    for code in (250, 250, 451):
        client.flight()
        client.receive(Reply(code))
    assert transaction.reply_to(0).code == 451
    assert client.flight() == ()


def test_all_recipients_refused_one_by_one() -> None:
    client = client_in_ready(pipelining=False)
    transaction = client.begin(ENVELOPE, CONTENT)
    for code in (250, 550):
        client.flight()
        client.receive(Reply(code))
    assert client.flight() == ()
    assert transaction.reply_to(0).code == 550
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (Command("RSET"),)
    client.receive(Reply(250))
    assert client.flight() == (MAIL,)


def test_rset_between_messages_as_postfix_does_it() -> None:
    client = client_in_ready(rset_between=True)
    client.begin(ENVELOPE, CONTENT)
    talk(client, _server_in_ready())
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (Command("RSET"),)


def _server_in_ready() -> ServerSession:
    server = greeted()
    said(server, Command("HELO", "x"))
    return server


def test_misuse_of_a_client() -> None:
    client = client_in_ready()
    for envelope in (
        Envelope("a@x> SIZE=1", ("b@c",)),
        Envelope("a@x", ("b@c\r\nRCPT TO:<evil@z>",)),
        Envelope("a@x", ()),
    ):
        with pytest.raises(LocalProtocolError):
            client.begin(envelope, CONTENT)
    transaction = client.begin(ENVELOPE, CONTENT)
    with pytest.raises(LocalProtocolError, match="under way"):
        client.begin(ENVELOPE, CONTENT)
    with pytest.raises(LocalProtocolError, match="not over"):
        transaction.reply_to(0)


def test_a_server_that_breaks_the_protocol() -> None:
    client = client_in_ready()
    with pytest.raises(RemoteProtocolError, match="to nothing"):
        client.receive(Reply(250))
    client.begin(ENVELOPE, CONTENT)
    client.flight()
    with pytest.raises(RemoteProtocolError, match="no reply to MAIL"):
        client.receive(Reply(354))


def test_a_lost_connection_counts_as_temporary() -> None:
    client = client_in_ready()
    transaction = client.begin(ENVELOPE, CONTENT)
    client.flight()
    client.lost()
    assert transaction.reply_to(0).code == 451
    assert client.flight() == ()
    client.quit()
    assert client.flight() == ()


def test_unused_replies_are_taken() -> None:
    client = client_in_ready()
    client.quit()
    assert client.flight() == (Command("QUIT"),)
    client.receive(Reply(221))
    assert client.state is State.CLOSED


def test_a_message_with_a_body_of_octets() -> None:
    transaction, _, server = delivered(content=new_content(HEAD, b".dots\r\n"))
    assert transaction.reply_to(0).code == 250
    assert server.recipients == []


VERBS = st.sampled_from(
    [EHLO, Command("HELO", "x"), MAIL, RCPT, DATA, Command("RSET"), Command("NOOP"),
     Command("VRFY", "b"), Command("HELP"), Command("STARTTLS"), Command("AUTH", "PLAIN"),
     Command("AUTH", "LOGIN x")]
)  # fmt: skip


@given(st.lists(VERBS, max_size=15), st.booleans())
def test_any_order_of_commands_gets_a_permitted_code(commands: list[Command], tls: bool) -> None:
    server = greeted(auth="optional", tls="may" if tls else "none")
    for command in commands:
        state = server.state
        if state is State.DATA:
            reply = server.receive(CONTENT)
            assert (reply or server.reply(server.default_reply())).code in PERMITTED["CONTENT"]
            continue
        if state in (State.TLS, State.AUTH):
            break
        (reply,) = said(server, command)
        assert reply.code in PERMITTED[command.verb]
        assert server.state == next_state(state, command.verb, reply.code)


def test_nothing_is_sent_during_the_handshake() -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    client.receive(GREETING)
    client.flight()
    client.receive(Reply(250, ("mx.example.net", "STARTTLS")))
    client.flight()
    client.receive(Reply(220))
    assert client.state is State.TLS
    assert client.flight() == ()


def test_a_connection_lost_after_the_outcome_changes_nothing() -> None:
    client = client_in_ready(pipelining=False)
    transaction = client.begin(ENVELOPE, CONTENT)
    for code in (250, 250, 354, 250):
        client.flight()
        client.receive(Reply(code))
    client.lost()
    assert transaction.reply_to(0).code == 250
