"""The client's side of a session (RFC 5321)."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    CONTENT,
    EHLO,
    ENVELOPE,
    GREETING,
    HEAD,
    MAIL,
    RCPT,
    client_in_ready,
    delivered,
    greeted,
    said,
    talk,
    verbs_of,
)

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Envelope, new_content
from mailsim.smtp import ClientConfig, ClientSession, Command, Reply, State, Transaction

RSET = Command("RSET")
QUIT = Command("QUIT")
THREE = Envelope("a@example.org", ("b@x", "c@x", "d@x"))


def sent(client: ClientSession, *codes: int, envelope: Envelope = ENVELOPE) -> Transaction:
    """Begin a transaction and give these replies one by one."""
    transaction = client.begin(envelope, CONTENT)
    for code in codes:
        assert client.flight()
        client.receive(Reply(code, (f"said {code}",)))
    return transaction


@pytest.mark.row("Q-01")
def test_a_client_waits_for_the_greeting() -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    client.begin(ENVELOPE, CONTENT)
    assert (client.flight(), client.owed) == ((), 1)
    client.receive(GREETING)
    assert client.flight() == (EHLO,)


@pytest.mark.row("Q-01")
@pytest.mark.row("Q-16")
@pytest.mark.parametrize(("code", "state"), [(554, State.REFUSED), (521, State.CLOSED)])
def test_a_client_refused_at_the_greeting(code: int, state: State) -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    transaction = client.begin(ENVELOPE, CONTENT)
    client.receive(Reply(code, ("no",)))
    assert client.state is state
    assert transaction.reply_to(0).code == code
    assert client.flight() == ()
    client.quit()
    assert client.flight() == ((QUIT,) if code == 554 else ()), "after 521 nobody waits for 221"


@pytest.mark.row("Q-02")
@pytest.mark.trap("EHLO refused with 502")
@pytest.mark.parametrize("code", [500, 501, 502, 504])
def test_a_client_falls_back_to_helo(code: int) -> None:
    client = ClientSession(ClientConfig("office.example.org"))
    client.receive(GREETING)
    assert client.flight() == (EHLO,)
    client.receive(Reply(code))
    assert client.flight() == (Command("HELO", "office.example.org"),)
    client.receive(Reply(250, ("mx", "SIZE 5")))
    assert client.offers == {}
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (MAIL,)


@pytest.mark.row("Q-02")
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
    assert client.flight() == (QUIT,)


@pytest.mark.row("F-06")
def test_keywords_of_ehlo_know_no_case() -> None:
    client = client_in_ready("pipelining", "size 12345", "8bitmime", "x-foo")
    assert client.offers == {"PIPELINING": "", "SIZE": "12345", "8BITMIME": "", "X-FOO": ""}
    client.begin(ENVELOPE, CONTENT)
    assert verbs_of(client.flight()) == ["MAIL", "RCPT", "DATA"]


@pytest.mark.row("Q-05")
def test_without_pipelining_one_command_at_a_time() -> None:
    _, verbs, _ = delivered(pipelining=False, tls="none")
    assert verbs == ["EHLO", "MAIL", "RCPT", "DATA", "Content"]


@pytest.mark.row("Q-06")
def test_refused_recipients_do_not_hold_up_the_others() -> None:
    transaction = sent(client_in_ready(), 250, 250, 550, 251, 354, 250, envelope=THREE)
    assert [transaction.reply_to(i).code for i in range(3)] == [250, 550, 250]


@pytest.mark.row("Q-06")
def test_all_recipients_refused_one_by_one() -> None:
    client = client_in_ready()
    transaction = sent(client, 250, 550)
    assert client.flight() == ()
    assert transaction.reply_to(0).code == 550
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (RSET,)
    client.receive(Reply(250))
    assert client.flight() == (MAIL,)


@pytest.mark.row("Q-07")
def test_a_refused_rset_ends_the_session_for_mail() -> None:
    """The old transaction may stand: the new message would go out under its sender."""
    client = client_in_ready()
    sent(client, 250, 550)
    assert client.flight() == ()
    second = sent(client, 500)
    assert client.flight() == ()
    assert str(second.reply_to(0)) == "451 4.5.0 the server does not end the last transaction"


@pytest.mark.row("Q-07")
def test_rset_between_messages_as_postfix_does_it() -> None:
    client, server = client_in_ready(rset_between=True), greeted()
    said(server, Command("HELO", "x"))
    client.begin(ENVELOPE, CONTENT)
    talk(client, server)
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (RSET,)
    client.receive(Reply(250))
    assert client.flight() == (MAIL,)
    other = client_in_ready(rset_between=False)
    sent(other, 250, 250, 354, 250)
    other.begin(ENVELOPE, CONTENT)
    assert other.flight() == (MAIL,)


@pytest.mark.row("Q-08")
def test_quit_waits_for_221() -> None:
    client = client_in_ready()
    client.quit()
    assert client.flight() == (QUIT,)
    assert client.flight() == ()
    client.receive(Reply(221))
    assert client.state is State.CLOSED
    assert client.flight() == ()


@pytest.mark.row("Q-09")
@pytest.mark.trap("421 to any command")
@pytest.mark.parametrize("codes", [(), (250,), (250, 250), (250, 250, 354)])
def test_421_ends_the_session_at_any_point(codes: tuple[int, ...]) -> None:
    client = client_in_ready()
    transaction = sent(client, *codes, 421)
    assert client.state is State.CLOSED
    assert transaction.reply_to(0).code == 421
    assert client.flight() == ()
    unasked = client_in_ready()
    unasked.receive(Reply(421))
    assert unasked.state is State.CLOSED


@pytest.mark.row("Q-09")
@pytest.mark.parametrize("codes", [(), (250,), (250, 250), (250, 250, 354)])
def test_a_lost_connection_counts_as_451(codes: tuple[int, ...]) -> None:
    client = client_in_ready()
    transaction = sent(client, *codes)
    client.flight()
    client.lost()
    assert str(transaction.reply_to(0)) == "451 4.4.2 lost connection with the server"
    assert client.flight() == ()
    client.quit()
    assert client.flight() == ()


@pytest.mark.row("Q-09")
def test_a_connection_lost_after_the_outcome_changes_nothing() -> None:
    client = client_in_ready()
    transaction = sent(client, 250, 250, 354, 250)
    client.lost()
    assert transaction.reply_to(0).code == 250


@pytest.mark.row("Q-13")
@pytest.mark.trap("554 or 452 after final dot")
@pytest.mark.parametrize("final", [250, 450, 451, 452, 550, 552, 554])
def test_every_final_reply_is_legal(final: int) -> None:
    client = client_in_ready()
    transaction = sent(client, 250, 250, 354, final)
    assert transaction.reply_to(0).code == final
    assert client.state is State.READY
    client.begin(ENVELOPE, CONTENT)
    assert client.flight() == (RSET,)


def test_data_refused() -> None:
    client = client_in_ready()
    assert sent(client, 250, 250, 451).reply_to(0).code == 451
    assert client.flight() == ()


@pytest.mark.row("Q-14")
@pytest.mark.parametrize("too_many", [452, 552])
def test_recipients_that_did_not_fit_go_in_a_further_transaction(too_many: int) -> None:
    envelope = THREE._replace(
        params=(("RET", "FULL"),), rcpt_params=((("NOTIFY", "NEVER"),), (), (("NOTIFY", "DELAY"),))
    )
    transaction = sent(client_in_ready(), 250, 250, 550, too_many, 354, 250, envelope=envelope)
    assert transaction.left_over() == Envelope(
        "a@example.org", ("d@x",), (("RET", "FULL"),), ((("NOTIFY", "DELAY"),),)
    )


@pytest.mark.row("Q-14")
def test_nothing_is_left_over_where_nothing_was_taken() -> None:
    assert sent(client_in_ready(), 250, 452).left_over() is None
    assert sent(client_in_ready(), 250, 250, 354, 250).left_over() is None
    assert sent(client_in_ready(), 250, 250, 354, 451).left_over() is None
    assert client_in_ready().begin(ENVELOPE, CONTENT).left_over() is None
    plain = sent(client_in_ready(), 250, 250, 452, 452, 354, 250, envelope=THREE)
    assert plain.left_over() == Envelope("a@example.org", ("c@x", "d@x"))
    disk_full = client_in_ready().begin(THREE, CONTENT)
    disk_full.n_accepted, disk_full.final = 1, Reply(250)
    disk_full.replies = [Reply(250), Reply(452, ("",), "4.3.1"), Reply(452, ("",), "4.5.3")]
    assert disk_full.left_over() == Envelope("a@example.org", ("d@x",))


@pytest.mark.row("Q-14")
def test_more_recipients_than_a_server_takes_all_arrive() -> None:
    names = tuple(f"{i}@x" for i in range(5))
    rest: Envelope | None = Envelope("a@example.org", names)
    arrived: list[str] = []
    while rest is not None:
        transaction, _, _ = delivered(envelope=rest, server_options={"max_recipients": 2})
        replies = [transaction.reply_to(i).code for i in range(len(rest.recipients))]
        arrived += [to for to, code in zip(rest.recipients, replies, strict=True) if code == 250]
        rest = transaction.left_over()
    assert arrived == list(names)


@pytest.mark.trap("address with CRLF")
@pytest.mark.parametrize(
    "envelope",
    [
        Envelope("a@x> SIZE=1\r\nRCPT TO:<evil@z", ("b@c",)),
        Envelope("a@x> SIZE=1", ("b@c",)),
        Envelope("a@x", ("b@c\r\nRCPT TO:<evil@z>",)),
        Envelope("a@x", ("b@c\n",)),
        Envelope("a@x", ()),
    ],
)
def test_an_envelope_that_would_break_a_command(envelope: Envelope) -> None:
    with pytest.raises(LocalProtocolError):
        client_in_ready().begin(envelope, CONTENT)


def test_one_transaction_at_a_time() -> None:
    client = client_in_ready()
    transaction = client.begin(ENVELOPE, CONTENT)
    with pytest.raises(LocalProtocolError, match="under way"):
        client.begin(ENVELOPE, CONTENT)
    with pytest.raises(LocalProtocolError, match="not over"):
        transaction.reply_to(0)


@pytest.mark.trap("unsolicited server lines that shift replies")
def test_a_server_that_breaks_the_protocol() -> None:
    client = client_in_ready()
    with pytest.raises(RemoteProtocolError, match="to nothing"):
        client.receive(Reply(250))
    client.begin(ENVELOPE, CONTENT)
    client.flight()
    with pytest.raises(RemoteProtocolError, match="no reply to MAIL"):
        client.receive(Reply(354))


def test_a_message_with_a_body_of_octets() -> None:
    transaction, _, server = delivered(content=new_content(HEAD, b".dots\r\n"))
    assert transaction.reply_to(0).code == 250
    assert server.recipients == []


def test_a_recipient_in_quotes_is_sent_as_it_is() -> None:
    client = client_in_ready()
    sent(client, 250, envelope=Envelope("", ('"a> b"@example.net',)))
    assert client.flight() == (Command("RCPT", '"a> b"@example.net'),)
    assert RCPT.params == ()
