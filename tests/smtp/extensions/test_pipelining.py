"""PIPELINING (RFC 2920)."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT, IN_DATA, ask, client_in_ready, connected, delivered, verbs_of

from mailsim.message import Envelope
from mailsim.smtp import ClientSession, Command, Reply, State

pytestmark = pytest.mark.row("X-PIPELINING")
TWO = Envelope("a@example.org", ("b@example.net", "c@example.net"))


def pipelining_client() -> ClientSession:
    return client_in_ready("PIPELINING")


@pytest.mark.trap("two commands in a group")
def test_mail_recipients_and_data_share_a_flight() -> None:
    client = pipelining_client()
    client.begin(TWO, CONTENT)
    flight = client.flight()
    assert [v.verb for v in flight if isinstance(v, Command)] == ["MAIL", "RCPT", "RCPT", "DATA"]
    assert client.flight() == ()


def test_without_it_each_command_waits_for_its_reply() -> None:
    _, verbs, _ = delivered(pipelining=False)
    assert verbs[-4:] == ["MAIL", "RCPT", "DATA", "Content"]


@pytest.mark.trap("all RCPT refused with DATA in the same group")
def test_354_without_a_recipient_left_gets_a_lone_dot() -> None:
    client = pipelining_client()
    transaction = client.begin(TWO, CONTENT)
    client.flight()
    for reply in (Reply(250), Reply(550, ("no b",)), Reply(550, ("no c",)), Reply(354)):
        client.receive(reply)
    (content,) = client.flight()
    assert getattr(content, "size", None) == 0
    client.receive(Reply(554, ("no valid recipients",)))
    assert [transaction.reply_to(i).text for i in (0, 1)] == ["no b", "no c"]
    assert client.state is State.READY


@pytest.mark.trap("all RCPT refused with DATA in the same group")
def test_refused_data_after_refused_recipients_keeps_their_replies() -> None:
    client = pipelining_client()
    transaction = client.begin(TWO, CONTENT)
    client.flight()
    for reply in (Reply(250), Reply(450, ("later",)), Reply(550, ("never",)), Reply(554)):
        client.receive(reply)
    assert [transaction.reply_to(i).text for i in (0, 1)] == ["later", "never"]
    client.begin(TWO, CONTENT)
    assert client.flight() == (Command("RSET"),)


def test_mail_refused_makes_the_rest_503_and_the_reply_is_mails() -> None:
    client = pipelining_client()
    transaction = client.begin(TWO, CONTENT)
    client.flight()
    for reply in (Reply(451, ("not now",)), Reply(503), Reply(503), Reply(503)):
        client.receive(reply)
    assert transaction.final is not None
    assert [transaction.reply_to(i).text for i in (0, 1)] == ["not now", "not now"]
    assert client.state is State.READY


@pytest.mark.trap("421 in mid-pipeline")
def test_421_in_mid_pipeline_ends_all() -> None:
    client = pipelining_client()
    transaction = client.begin(TWO, CONTENT)
    client.flight()
    client.receive(Reply(250))
    client.receive(Reply(421, ("shutting down",)))
    assert client.state is State.CLOSED
    assert transaction.reply_to(0).code == 421
    assert client.flight() == ()


@pytest.mark.trap("two commands in a group")
@pytest.mark.parametrize("n", [0, 1, 3])
def test_a_server_answers_a_group_in_order_and_loses_nothing(n: int) -> None:
    group = (
        b"EHLO x\r\nRSET\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<>\r\nDATA\r\n"
        b"first\r\n.\r\nRSET\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
        b"second\r\n.\r\nNOOP\r\nVRFY x\r\nQUIT\r\n"
    )
    replies = [int(line[:3]) for line in ask(connected(), group, n) if line[3] == " "]
    assert replies == [
        250, 250, 250, 250, 501, 354, 250, 250, 250, 250, 354, 250, 250, 252, 221
    ]  # fmt: skip


def test_replies_to_a_group_leave_together_when_nothing_is_left_to_read() -> None:
    connection = connected(b"EHLO x\r\n", ask=frozenset())
    connection.receive_data(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRC")
    assert connection.advance() is None
    assert connection.data_to_send() == b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"
    assert connection.data_to_send() == b""


@pytest.mark.trap("all RCPT refused with DATA in the same group")
def test_data_without_a_recipient_in_a_group_is_refused_and_nothing_is_taken_as_content() -> None:
    group = b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<>\r\nDATA\r\nRSET\r\n"
    assert ask(connected(), group)[-3:] == [
        "501 5.1.3 Bad recipient address syntax",
        "554 5.5.1 Error: no valid recipients",
        "250 2.0.0 Ok",
    ]


def test_what_must_come_last_does() -> None:
    _, verbs, _ = delivered(("b@x", "c@x"))
    assert verbs == ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "RCPT", "DATA", "Content"]
    client = pipelining_client()
    client.begin(TWO, CONTENT)
    assert verbs_of(client.flight())[-1] == "DATA"
    for code in (250, 250, 250, 354):
        client.receive(Reply(code))
    assert verbs_of(client.flight()) == ["Content"]
    client.quit()
    assert client.flight() == ()


def test_content_may_start_a_group() -> None:
    replies = ask(connected(IN_DATA), b"x\r\n.\r\nRSET\r\nMAIL FROM:<a@b>\r\n")
    assert replies == ["250 2.0.0 Ok", "250 2.0.0 Ok", "250 2.1.0 Ok"]
