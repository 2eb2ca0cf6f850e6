"""PIPELINING (RFC 2920)."""

from __future__ import annotations

from smtp.helpers import CONTENT, GREETING, delivered

from mailsim.message import Envelope
from mailsim.smtp import ClientConfig, ClientSession, Command, Reply, State

OFFER = Reply(250, ("mx.example.net", "PIPELINING"))
TWO = Envelope("a@example.org", ("b@example.net", "c@example.net"))


def pipelining_client() -> ClientSession:
    client = ClientSession(ClientConfig("office.example.org"))
    client.receive(GREETING)
    client.flight()
    client.receive(OFFER)
    return client


def test_mail_recipients_and_data_share_a_flight() -> None:
    client = pipelining_client()
    client.begin(TWO, CONTENT)
    flight = client.flight()
    assert [v.verb for v in flight if isinstance(v, Command)] == ["MAIL", "RCPT", "RCPT", "DATA"]
    assert client.flight() == ()


def test_without_it_each_command_waits_for_its_reply() -> None:
    _, verbs, _ = delivered(pipelining=False)
    assert verbs[-4:] == ["MAIL", "RCPT", "DATA", "Content"]


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
    assert transaction.final.text == "not now"
    assert client.state is State.READY


def test_421_in_mid_pipeline_ends_all() -> None:
    client = pipelining_client()
    transaction = client.begin(TWO, CONTENT)
    client.flight()
    client.receive(Reply(250))
    client.receive(Reply(421, ("shutting down",)))
    assert client.state is State.CLOSED
    assert transaction.reply_to(0).code == 421
    assert client.flight() == ()
