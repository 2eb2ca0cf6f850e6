"""What a client makes of LIMITS, and of what did not fit into a transaction."""

from __future__ import annotations

import pytest

from mailsim.message import Content, Envelope, Head, new_content
from mailsim.smtp import ClientConfig, ClientSession, Delivery, Reply, Transaction
from mailsim.smtp.offers import Allowance

EMPTY = Content(0, (), b"", b"")
OK, FULL, NO = Reply(250), Reply(452, ("too many",), "4.5.3"), Reply(550)


def to(*recipients: str) -> Envelope:
    return Envelope("a@b", recipients)


@pytest.mark.parametrize("params", ["", "RCPTMAX=0", "RCPTMAX=1234567", "XRCPTMAX=1", "FUTURE=1"])
def test_what_is_no_limit_limits_nothing(params: str) -> None:
    allowance = Allowance(params)
    assert allowance.spend(["1@x", "2@y", "3@z"]) == [0, 1, 2]
    assert allowance.has_room_for(to("1@x"))


def test_transactions_are_counted() -> None:
    allowance = Allowance("MAILMAX=2 RCPTMAX=2")
    assert allowance.spend(["1@x", "2@x", "3@x"]) == [0, 1]
    assert allowance.has_room_for(to("3@x"))
    assert allowance.spend(["3@x"]) == [0]
    assert not allowance.has_room_for(to("4@x"))


def test_domains_are_counted_over_the_session() -> None:
    allowance = Allowance("rcptdomainmax=2")
    assert allowance.spend(["1@x", "2@y", "3@z", "4@X"]) == [0, 1, 3]
    assert not allowance.has_room_for(to("3@z"))
    assert allowance.has_room_for(to("3@z", "5@y"))
    assert allowance.spend(["3@z", "5@y"]) == [1]


def over(envelope: Envelope, places: list[int], replies: list[Reply], final: Reply) -> Transaction:
    transaction = Transaction(envelope, EMPTY)
    transaction.ask_only(places)
    for reply in replies:
        transaction.take(reply)
    transaction.final = final
    return transaction


@pytest.mark.row("Q-14")
def test_a_delivery_takes_as_many_transactions_as_it_needs() -> None:
    asked = ((), (("NOTIFY", "NEVER"),), (), ())
    envelope = Envelope("a@b", ("1@x", "2@x", "3@x", "4@x"), (), asked)
    delivery = Delivery(envelope, EMPTY)
    first = over(envelope, [0, 1, 3], [OK, FULL, NO], OK)
    assert first.reply_to(2).is_ours
    delivery.take(first)
    assert delivery.rest == Envelope("a@b", ("2@x", "3@x"), (), ((("NOTIFY", "NEVER"),), ()))
    second = over(delivery.rest, [0], [NO], NO)
    delivery.take(second)
    assert delivery.rest is not None
    assert delivery.rest.recipients == ("3@x",)
    delivery.take(over(delivery.rest, [0], [OK], OK))
    assert delivery.rest is None
    assert delivery.replies == [OK, NO, OK, NO]


@pytest.mark.parametrize("final", [Reply(421), Reply(451)])
def test_what_ends_a_transaction_is_said_to_those_not_asked_for(final: Reply) -> None:
    delivery = Delivery(to("1@x", "2@x"), EMPTY)
    delivery.take(over(to("1@x", "2@x"), [0], [OK], final))
    assert delivery.rest is None
    assert delivery.replies == [final, final]
    refused = over(to("1@x", "2@x"), [0], [], final)
    assert refused.left_over() is None
    assert refused.reply_to(1) == final


def test_a_session_knows_whether_there_is_room_for_more() -> None:
    session = ClientSession(ClientConfig("office.example.org", tls="none"))
    envelope = Envelope("a@x", ("b@y",))
    assert session.has_room_for(envelope), "nothing is known yet"
    session.receive(Reply(220, ("mx",)))
    session.flight()
    session.receive(Reply(250, ("mx", "LIMITS MAILMAX=1")))
    assert session.has_room_for(envelope)
    session.begin(envelope, new_content(Head(1, "o", "a@x", "b@y", "test", 0), 100))
    session.flight()
    assert not session.has_room_for(envelope)
