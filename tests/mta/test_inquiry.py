"""Policies that ask before they decide."""

from __future__ import annotations

import re

import pytest

from mailsim.errors import RunError
from mailsim.message import Content
from mailsim.mta.inquiry import Inquiry
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import (
    Action,
    Asking,
    Chance,
    Lookup,
    Overhear,
    Policy,
    Seen,
    Tag,
    Verdict,
    Wait,
)
from mailsim.mta.reception import Reception
from mailsim.smtp import Command, Reply, ServerConfig, ServerSession

NO = Reply(550, ("no",), "5.7.1")
SEEN = Seen("out", "192.0.2.25", "out", "", "a@example.org", "b@example.net", True)
BOXES = Mailboxes(["example.net"], ["user*"])


class Curious(Policy):
    """Asks twice at RCPT; refuses what the second answer says."""

    def on_rcpt(self, seen: Seen, now_ns: int) -> Asking:
        yield Lookup("a.example", "A"), Chance()
        (now_ns,) = yield (Wait(5),)
        return Reply(450, (f"at {now_ns}",), "4.7.1") if now_ns == 7 else None


class At(Policy):
    """Decides what it is told, at a stage of its subclass."""

    def __init__(self, verdict: object) -> None:
        self.verdict = verdict
        self.seen: Seen | None = None

    def _decide(self, seen: Seen, now_ns: int) -> Verdict:
        self.seen = seen
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict  # type: ignore[return-value]


class AtRcpt(At):
    on_rcpt = At._decide


class Asks(Policy):
    """Asks at RCPT what it is told to."""

    def __init__(self, asked: object) -> None:
        self.asked = asked

    def on_rcpt(self, seen: Seen, now_ns: int) -> Asking:
        yield self.asked  # type: ignore[misc]
        return None


class AtMessage(At):
    on_message = At._decide


class AtHelo(At):
    on_helo = At._decide


class AtMail(At):
    on_mail = At._decide


def session(reception: Reception) -> ServerSession:
    server = ServerSession(ServerConfig("mx", tls="none", ask=reception.asked))
    server.reply(Reply(220, ("mx",)))
    return server


def say(reception: Reception, server: ServerSession, command: Command) -> Reply:
    reply = server.receive(command)
    if reply is None:
        reply = server.reply(reception.decide(server, command, "client", "192.0.2.1", 0))
    return reply


def at_rcpt(*policies: Policy, to: str = "user1@example.net") -> Inquiry:
    reception = Reception(BOXES, {}, policies)
    server = session(reception)
    say(reception, server, Command("EHLO", "c"))
    say(reception, server, Command("MAIL", "a@example.org", (("SIZE", "1234"),)))
    command = Command("RCPT", to)
    assert server.receive(command) is None
    return reception.inquire(server, command, "client", "192.0.2.1")


def test_questions_come_in_turn_and_then_the_verdict() -> None:
    after = AtRcpt(NO)
    inquiry = at_rcpt(Curious(), after)
    assert inquiry.go_on(1)
    assert inquiry.questions == (Lookup("a.example", "A"), Chance())
    assert inquiry.go_on(2, ("answer", 0.5))
    assert inquiry.questions == (Wait(5),)
    assert not inquiry.go_on(7, (7,))
    assert str(inquiry.verdict) == "450 4.7.1 at 7"
    assert after.seen is None, "the first verdict wins"


def test_the_next_is_asked_when_one_lets_pass() -> None:
    after = AtRcpt(NO)
    inquiry = at_rcpt(Curious(), after)
    inquiry.go_on(1)
    inquiry.go_on(2, ("answer", 0.5))
    assert not inquiry.go_on(8, (8,))
    assert inquiry.verdict == NO
    assert after.seen is not None
    assert after.seen.size_bytes == 1234


def test_all_let_pass() -> None:
    inquiry = at_rcpt(AtRcpt(None))
    assert not inquiry.go_on(0)
    assert inquiry.verdict is None


def test_to_permit_ends_a_stage_but_not_relay_control() -> None:
    after = AtRcpt(NO)
    for to, verdict in (("user1@example.net", None), ("x@elsewhere.example", 554)):
        inquiry = at_rcpt(AtRcpt(Action.PERMIT), after, to=to)
        assert not inquiry.go_on(0)
        assert getattr(inquiry.verdict, "code", None) == verdict
    assert after.seen is None
    reception = Reception(BOXES, {}, [AtRcpt(Action.PERMIT), after])
    assert reception.refuse("RCPT", SEEN, 0) is None
    assert after.seen is None


def test_a_mailbox_that_does_not_exist_needs_no_question() -> None:
    inquiry = at_rcpt(Curious(), to="nobody@example.net")
    assert not inquiry.go_on(0)
    assert isinstance(inquiry.verdict, Reply)
    assert inquiry.verdict.code == 550


def test_where_to_inquire() -> None:
    reception = Reception(BOXES, {}, [Curious(), AtMessage(None)])
    assert reception.asking == {"RCPT", "CONTENT", "BDAT_LAST"}
    assert reception.shared == reception.asking
    assert not reception.is_shared
    assert Reception(BOXES, {}).asking == frozenset()


def test_a_message_is_seen_whole() -> None:
    policy = AtMessage(Action.DISCARD)
    reception = Reception(BOXES, {}, [policy])
    server = session(reception)
    for command in (
        Command("EHLO", "c"),
        Command("MAIL", "a@example.org"),
        Command("RCPT", "user1@example.net"),
        Command("RCPT", "user2@example.net"),
        Command("DATA"),
    ):
        say(reception, server, command)
    content = Content.from_bytes(b"Subject: x\r\n\r\nHello.\r\n")
    assert server.receive(content) is None
    inquiry = reception.inquire(server, content, "client", "192.0.2.1")
    assert not inquiry.go_on(0)
    assert inquiry.verdict is Action.DISCARD
    assert policy.seen is not None
    assert policy.seen.recipients == ("user1@example.net", "user2@example.net")
    assert policy.seen.content == content
    assert policy.seen.size_bytes == content.size


def test_a_message_in_the_queue_is_seen_and_tagged() -> None:
    class AtQueued(At):
        on_queued = At._decide

    first, second = AtQueued(Tag(("X-A: 1", "X-B: 2"))), AtQueued(NO)
    reception = Reception(BOXES, {}, [first, second])
    assert reception.filters_queue
    assert "QUEUED" not in reception.asked
    content = Content.from_bytes(b"Subject: x\r\n\r\nHello.\r\n")
    inquiry = reception.inquire_queued(session(reception), content, "client", "192.0.2.1")
    assert not inquiry.go_on(0)
    assert inquiry.verdict == NO, "a tag is no verdict"
    tagged = inquiry.tagged(content)
    assert tagged.to_bytes() == b"X-B: 2\r\nX-A: 1\r\n" + content.to_bytes()
    assert tagged.size == content.size + 16
    assert first.seen is not None
    assert first.seen.content == content


def test_the_greeting() -> None:
    class AtConnect(Policy):
        def on_connect(self, seen: Seen, now_ns: int) -> Asking:
            (now_ns,) = yield (Wait(9),)
            return Reply(521, (seen.address,)) if now_ns else None

    inquiry = Reception(BOXES, {}, [AtConnect()]).inquire_greeting("client", "192.0.2.1")
    assert inquiry.go_on(0)
    assert not inquiry.go_on(9, (9,))
    assert str(inquiry.verdict) == "521 192.0.2.1"


@pytest.mark.parametrize("hello", ["EHLO", "HELO"])
def test_hello(hello: str) -> None:
    policy = AtHelo(None)
    reception = Reception(BOXES, {}, [policy])
    server = session(reception)
    assert say(reception, server, Command(hello, "c.example")).lines[0] == "mx"
    assert policy.seen is not None
    assert policy.seen.helo == "c.example"
    policy.verdict = NO
    assert say(reception, server, Command(hello, "c")).code == 550


@pytest.mark.parametrize(
    ("policy", "about"),
    [
        (AtRcpt(KeyError("x")), "on_rcpt failed: KeyError: 'x' (at 0.500 s, client client"),
        (AtRcpt("450"), "on_rcpt: expected a Reply or None, got '450'"),
        (AtRcpt(Tag(("X: y",))), "on_rcpt: expected a Reply or None, got Tag("),
        (AtRcpt(Action.DISCARD), "on_rcpt: expected a Reply or None, got <Action.DISCARD"),
        (AtRcpt(Reply(354, ("go on",))), "on_rcpt: 354 may not answer RCPT (RFC 5321 section"),
        (AtRcpt(Reply(999, ("x",))), "on_rcpt: 999 may not answer RCPT (RFC 5321 section"),
    ],
)  # fmt: skip
def test_one_that_fails_is_named(policy: At, about: str) -> None:
    inquiry = at_rcpt(policy)
    with pytest.raises(RunError, match=re.escape(f"AtRcpt: {about}")) as caught:
        inquiry.go_on(500_000_000)
    if "(at" in str(caught.value):
        end = "client client, mail from <a@example.org> to <user1@example.net>)"
        assert str(caught.value).endswith(end)
    reception = Reception(BOXES, {}, [policy], ["hosts.mx.policies[0] (own)"])
    with pytest.raises(RunError, match=r"hosts\.mx\.policies\[0\] \(own\): on_rcpt"):
        reception.refuse("RCPT", SEEN, 0)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (5, "expected to be asked a tuple of questions, got 5"),
        ((Wait(1), "x"), "expected to be asked a tuple of questions, got (Wait(ns=1), 'x')"),
        ((Wait(-5),), "expected at least 0 ns, in whole ones, to wait, got -5"),
        ((Overhear(0.5),), "expected at least 0 ns, in whole ones, to wait, got 0.5"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_one_that_asks_what_cannot_be_asked(asked: object, problem: str) -> None:
    inquiry = at_rcpt(Asks(asked))
    about = f"Asks: on_rcpt failed: {problem} (at 0.500 s, client client, mail from <a@"
    with pytest.raises(RunError, match=re.escape(about)):
        inquiry.go_on(500_000_000)


def test_one_that_fails_before_there_is_mail() -> None:
    reception = Reception(BOXES, {}, [AtHelo(ValueError("bad"))])
    server = session(reception)
    with pytest.raises(RunError, match=r"on_helo failed: bad \(at 0\.000 s, client client\)"):
        say(reception, server, Command("EHLO", "c"))
    reception = Reception(BOXES, {}, [AtMail(ValueError("bad"))])
    server = session(reception)
    say(reception, server, Command("EHLO", "c"))
    with pytest.raises(RunError, match=r"client client, mail from <a@b\.example>\)"):
        say(reception, server, Command("MAIL", "a@b.example"))


def test_a_policy_may_do_without_what_all_share() -> None:
    seen = Seen("", "", "", "", "", "", False)
    assert seen.size_bytes == 0
    assert Policy().on_helo(seen, 0) is None
    assert Policy().on_message(seen, 0) is None
    assert Policy().on_queued(seen, 0) is None
