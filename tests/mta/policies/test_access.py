"""Access tables."""

from __future__ import annotations

import pytest

from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Action, Seen, Verdict
from mailsim.mta.policies.access import Access
from mailsim.mta.reception import Reception

SEEN = Seen("out.example.org", "192.0.2.25", "Helo.Example", "", "A@b.example", "x@y.example", True)


def made(**options: object) -> Access:
    return Access.from_options(options)


def show(verdict: Verdict) -> str:
    return verdict.value if isinstance(verdict, Action) else str(verdict)


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("OK", "permit"),
        ("ok", "permit"),
        ("DUNNO", "None"),
        ("REJECT", "554 5.7.1 <x@y.example>: Recipient address rejected: Access denied"),
        ("reject go away", "554 5.7.1 <x@y.example>: Recipient address rejected: go away"),
        ("DEFER", "450 4.7.1 <x@y.example>: Recipient address rejected: Access denied"),
        ("DEFER 4.3.2 later", "450 4.3.2 <x@y.example>: Recipient address rejected: later"),
        ("550 5.1.1 no such", "550 5.1.1 <x@y.example>: Recipient address rejected: no such"),
        ("451 wait", "451 4.7.1 <x@y.example>: Recipient address rejected: wait"),
        (450, "450 4.7.1 <x@y.example>: Recipient address rejected: Access denied"),
    ],
)
def test_actions(action: object, verdict: str) -> None:
    assert show(made(recipient={"x@y.example": action}).on_rcpt(SEEN, 0)) == verdict


@pytest.mark.parametrize(
    ("key", "is_found"),
    [
        ("a@b.example", True),
        ("b.example", True),
        ("example", True),
        ("A@", True),
        ("<>", False),
        ("c.example", False),
    ],
)
def test_keys_of_an_address(key: str, is_found: bool) -> None:
    assert (made(sender={key: "REJECT"}).on_mail(SEEN, 0) is not None) == is_found
    null = SEEN._replace(sender="")
    assert (made(sender={key: "REJECT"}).on_mail(null, 0) is not None) == (key == "<>")


@pytest.mark.parametrize(
    "key", ["out.example.org", "example.org", "org", "192.0.2.25", "192.0.2", "192.0", 192]
)
def test_keys_of_a_client(key: object) -> None:
    reply = made(client={key: "REJECT"}).on_connect(SEEN, 0)
    text = "<out.example.org[192.0.2.25]>: Client host rejected: Access denied"
    assert str(reply) == f"554 5.7.1 {text}"


def test_a_client_without_a_name_and_one_with_an_ipv6_address() -> None:
    table = made(client={"192.0.2": "DEFER", "2001:db8": "REJECT", "25": "REJECT"})
    stranger = SEEN._replace(client="192.0.2.25")
    assert str(table.on_connect(stranger, 0)).startswith("421 4.7.1 ")
    for address, code in (("2001:db8::1", "554"), ("2001:db9::1", "None")):
        seen = SEEN._replace(client=address, address=address)
        assert str(table.on_connect(seen, 0))[:4].strip() == code


def test_the_most_special_key_counts() -> None:
    table = made(recipient={"y.example": "REJECT", "x@y.example": "OK"})
    assert table.on_rcpt(SEEN, 0) is Action.PERMIT
    assert table.on_rcpt(SEEN._replace(recipient="z@y.example"), 0) is not None


def test_helo() -> None:
    reply = made(helo={"helo.example": "REJECT"}).on_helo(SEEN, 0)
    assert str(reply) == "550 5.7.1 <Helo.Example>: Helo command rejected: Access denied"


def test_all_at_rcpt() -> None:
    tables = {"client": {"org": "DUNNO"}, "helo": {"example": "REJECT"}, "sender": {"b": "OK"}}
    reply = made(**tables, at="rcpt").on_rcpt(SEEN, 0)
    assert str(reply).startswith("554 5.7.1 <Helo.Example>")
    late = made(client={"org": "DEFER"}, at="rcpt").on_rcpt(SEEN, 0)
    assert str(late).startswith("450 4.7.1 ")
    assert made(sender={"b": "OK"}, at="rcpt").on_rcpt(SEEN, 0) is None


def test_only_where_there_is_a_table() -> None:
    early = Reception(Mailboxes([]), {}, [made(helo={"x": "OK"}, sender={"x": "OK"})])
    assert {v for v in ("GREETING", "EHLO", "MAIL", "DATA") if early.has_say(v)} == {"EHLO", "MAIL"}
    late = Reception(Mailboxes([]), {}, [made(helo={"x": "OK"}, at="rcpt")])
    assert not late.has_say("EHLO")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "got no table"),
        ({"at": "rcpt"}, "got no table"),
        ({"sender": {}}, "sender: expected a table"),
        ({"sender": "x"}, "sender: expected a table"),
        ({"client": {192.1: "OK"}}, "put it in quotes"),
        ({"sender": {"x": "HOLD"}}, "sender: x: expected OK, DUNNO"),
        ({"sender": {"x": "OK now"}}, "sender: x: expected OK, DUNNO"),
        ({"sender": {"x": "550 4.1.1 no"}}, "4.1.1 does not fit 550"),
        ({"client": {"x": "550 no"}}, "client: x: 550 may not answer GREETING"),
        ({"recipient": {"x": "521 no"}}, "recipient: x: 521 may not answer RCPT"),
        ({"from": {"x": "OK"}}, "no 'from'"),
    ],
)
def test_options(options: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Access.from_options(options)
