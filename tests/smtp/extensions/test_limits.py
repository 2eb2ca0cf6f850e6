"""LIMITS (RFC 9422)."""

from __future__ import annotations

import pytest
from smtp.helpers import (
    CONTENT,
    DATA,
    EHLO,
    ENVELOPE,
    MAIL,
    client_in_ready,
    codes,
    delivered,
    greeted,
    said,
)

from mailsim.message import Envelope
from mailsim.smtp import Command, State

pytestmark = pytest.mark.row("X-LIMITS")
LIMITS = ("LIMITS", "ENHANCEDSTATUSCODES", "PIPELINING")


def rcpt(address: str) -> Command:
    return Command("RCPT", address)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({}, "LIMITS RCPTMAX=1000"),
        ({"max_recipients": 5, "max_transactions": 3}, "LIMITS MAILMAX=3 RCPTMAX=5"),
        ({"max_rcpt_domains": 2}, "LIMITS RCPTMAX=1000 RCPTDOMAINMAX=2"),
    ],
)
def test_those_that_there_are_stand_in_ehlo(options: dict[str, object], line: str) -> None:
    assert line in said(greeted(extension_names=LIMITS, **options), EHLO)[0].lines


def test_rcptmax() -> None:
    server = greeted(extension_names=LIMITS, max_recipients=2)
    replies = said(server, EHLO, MAIL, rcpt("a@x"), rcpt("b@x"), rcpt("c@x"), DATA)
    assert str(replies[4]) == "452 4.5.3 Error: too many recipients"
    assert replies[5].code == 354


def test_mailmax() -> None:
    server = greeted(extension_names=LIMITS, max_transactions=2)
    reset = Command("RSET")
    assert codes(server, EHLO, MAIL, reset, MAIL, reset) == [250] * 5
    assert [str(r) for r in said(server, MAIL)] == ["452 4.5.3 Error: too many transactions"]
    assert server.state is State.READY


def test_rcptdomainmax_counts_the_domains_of_a_session() -> None:
    server = greeted(extension_names=LIMITS, max_rcpt_domains=2)
    said(server, EHLO, MAIL)
    first = [rcpt("a@x"), rcpt("b@X"), rcpt("c@y"), rcpt("d@z"), rcpt("e@y")]
    assert codes(server, *first) == [250, 250, 250, 452, 250]
    refused = said(server, Command("RSET"), MAIL, rcpt("d@z"), rcpt("a@x"))
    assert [str(r)[:9] for r in refused[2:]] == ["452 4.5.3", "250 2.1.5"]


def test_a_client_sends_what_did_not_fit_in_a_further_transaction() -> None:
    rest: Envelope | None = Envelope("a@b", ("1@x", "2@y", "3@x"))
    n = 0
    while rest is not None:
        options = {"extension_names": LIMITS, "max_rcpt_domains": 1}
        transaction, _, _ = delivered(envelope=rest, server_options=options)
        assert transaction.final is not None
        n, rest = n + 1, transaction.left_over()
    assert n == 2


def test_a_client_told_452_keeps_its_message_for_later() -> None:
    client = client_in_ready("LIMITS MAILMAX=0 FUTURE=1")
    assert client.offers == {"LIMITS": "MAILMAX=0 FUTURE=1"}
    server = greeted(extension_names=LIMITS, max_transactions=1)
    said(server, EHLO, MAIL, Command("RSET"))
    transaction = client.begin(ENVELOPE, CONTENT)
    client.flight()
    client.receive(said(server, MAIL)[0])
    assert transaction.reply_to(0).is_temporary
