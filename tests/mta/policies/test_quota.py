"""Quota: a mailbox that is full."""

from __future__ import annotations

import pytest

from mailsim.message import Content
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Seen
from mailsim.mta.policies.quota import Quota
from mailsim.mta.reception import Reception

BOB = Seen("out", "192.0.2.25", "out", "", "a@example.org", "Bob@example.net", True)


def made(boxes: Mailboxes, **options: object) -> Quota:
    policy = Quota.from_options(options)
    assert Reception(boxes, {}, [policy]).counts_mail
    return policy


def declaring(size: int) -> Seen:
    return BOB._replace(params=(("SIZE", str(size)),))


@pytest.mark.parametrize(
    ("action", "reply"),
    [
        ("defer", "452 4.2.2 <Bob@example.net>: Recipient address rejected: Mailbox is full"),
        ("reject", "552 5.2.2 <Bob@example.net>: Recipient address rejected: Mailbox is full"),
    ],
)
def test_sizes(action: str, reply: str) -> None:
    boxes = Mailboxes(["example.net"])
    policy = made(boxes, size="1 kB", action=action)
    assert policy.on_rcpt(declaring(1000), 0) is None
    assert str(policy.on_rcpt(declaring(1001), 0)) == reply
    boxes.store("Bob@example.net", 999)
    assert policy.on_rcpt(BOB, 0) is None, "it says no size, and there is an octet left"
    boxes.store("Bob@example.net", 1)
    assert str(policy.on_rcpt(BOB, 0)) == reply
    assert policy.on_rcpt(BOB._replace(is_local=False), 0) is None
    assert policy.on_rcpt(BOB._replace(recipient="eve@example.net"), 0) is None


def test_numbers_and_mailboxes_of_their_own() -> None:
    boxes = Mailboxes(["example.net"])
    policy = made(boxes, messages=1, mailboxes={"Bob": "10 kB", "eve": "0 kB"})
    assert policy.on_rcpt(declaring(10_001), 0) is not None
    assert policy.on_rcpt(declaring(10_000), 0) is None
    assert policy.on_rcpt(declaring(99_999)._replace(recipient="eve@example.net"), 0) is None
    boxes.store("Bob@example.net", 1)
    assert policy.on_rcpt(declaring(1), 0) is not None


def test_a_message_that_is_larger_than_it_said() -> None:
    boxes = Mailboxes(["example.net"])
    policy = made(boxes, size="1 kB", mailboxes={"eve": "1 MB"})
    content = Content.from_bytes(b"Subject: x\r\n\r\n" + b"." * 2000)
    for to, code in (
        (("bob@example.net",), "452 4.2.2 Mailbox is full"),
        (("bob@example.net", "eve@example.net"), "None"),
        (("bob@example.net", "x@elsewhere.example"), "None"),
    ):
        seen = BOB._replace(recipient="", recipients=to, content=content)
        assert str(policy.on_message(seen, 0)) == code


def test_what_is_stored_elsewhere_is_counted() -> None:
    boxes = Mailboxes(["example.net"])
    reception = Reception(boxes, {}, [Quota(100)])
    reception.has_stored(["bob@example.net", "x@elsewhere.example"], 7)
    assert boxes.stored("bob@example.net").size_bytes == 7
    assert boxes.stored("x@elsewhere.example").size_bytes == 0
    assert not Reception(boxes, {}).counts_mail


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"size": 5},
        {"messages": -1},
        {"mailboxes": []},
        {"mailboxes": {"a": 1}},
        {"action": "x"},
    ],
)
def test_options(options: object) -> None:
    with pytest.raises(ValueError, match=r"quota: .*expected"):
        Quota.from_options(options)
