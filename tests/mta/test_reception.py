"""What a receiving server decides."""

from __future__ import annotations

import pytest

from mailsim.mta.mailbox import Mailboxes, Stored
from mailsim.mta.policies import Policy, Seen
from mailsim.mta.policies.greylist import Greylist
from mailsim.mta.policies.relay_control import RelayControl
from mailsim.mta.reception import Reception
from mailsim.mta.routing import Routing
from mailsim.smtp import AuthLine, Command, Credentials, Reply, ServerConfig, ServerSession
from mailsim.smtp.sasl_client import ClientDialogue

BOXES = Mailboxes(["Example.NET"], ["user*"])
GO_AWAY = Reply(550, ("go away",), "5.7.1")


class Grumpy(Policy):
    """Refuses at MAIL."""

    def on_mail(self, seen: Seen, now_ns: int) -> Reply | None:
        return GO_AWAY if seen.sender == "spam@x" else None


def session(reception: Reception) -> ServerSession:
    server = ServerSession(ServerConfig("mx", auth="optional", tls="none", ask=reception.asked))
    server.reply(Reply(220, ("mx",)))
    server.receive(Command("EHLO", "c"))
    return server


def ask(reception: Reception, server: ServerSession, command: Command) -> Reply:
    reply = server.receive(command)
    if reply is None:
        decided = reception.decide(server, command, "client", "192.0.2.1", 0)
        reply = server.reply(decided)
    return reply


def test_recipients() -> None:
    reception = Reception(BOXES, {})
    server = session(reception)
    assert ask(reception, server, Command("MAIL", "a@b")).code == 250
    codes = {
        "user1@example.net": 250,
        "user1@EXAMPLE.net": 250,
        "nobody@example.net": 550,
        "Postmaster@example.net": 250,
        "postmaster": 250,
        "x@elsewhere": 554,
    }
    for recipient, code in codes.items():
        assert ask(reception, server, Command("RCPT", recipient)).code == code, recipient


@pytest.mark.parametrize(("password", "code"), [("wonderland", 235), ("x", 535)])
def test_users(password: str, code: int) -> None:
    reception = Reception(BOXES, {"alice": "wonderland"})
    server = session(reception)
    command = ClientDialogue("PLAIN", Credentials("alice", password)).command(is_initial=True)
    assert ask(reception, server, command).code == code
    assert (server.user == "alice") == (code == 235)


def test_policies_are_asked_at_their_stage_only() -> None:
    reception = Reception(BOXES, {}, [Grumpy(), Greylist(1)])
    assert "MAIL" in reception.asked
    assert "DATA" not in reception.asked
    assert reception.shared == {"RCPT"}
    server = session(reception)
    assert ask(reception, server, Command("MAIL", "spam@x")) == GO_AWAY
    assert ask(reception, server, Command("MAIL", "ham@x")).code == 250
    assert ask(reception, server, Command("RCPT", "user1@example.net")).code == 450
    assert Reception(BOXES, {}).shared == frozenset()


def test_a_stage_without_argument() -> None:
    class NoData(Policy):
        def on_data(self, seen: Seen, now_ns: int) -> Reply | None:
            return GO_AWAY

    reception = Reception(BOXES, {}, [NoData()])
    server = session(reception)
    ask(reception, server, Command("MAIL", "a@b"))
    ask(reception, server, Command("RCPT", "user1@example.net"))
    assert ask(reception, server, Command("DATA")) == GO_AWAY


def test_a_policy_lets_everything_pass_by_default() -> None:
    policy, seen = Policy(), Seen("", "", "", "", "", "", False)
    for stage in (policy.on_connect, policy.on_mail, policy.on_rcpt, policy.on_data):
        assert stage(seen, 0) is None
    with pytest.raises(NotImplementedError):
        Policy.from_options({})


def test_mailboxes() -> None:
    boxes = Mailboxes(["example.net"])
    assert boxes.exists("anybody@example.net")
    boxes.store("a@example.net", 10)
    boxes.store("a@example.net", 20)
    assert boxes.stored("a@example.net") == Stored(2, 30)
    assert boxes.stored("b@example.net") == Stored(0, 0)


def test_routing() -> None:
    routing = Routing({"Example.NET": "[Relay]", "*": "smarthost"})
    assert routing.next_hop("a@example.net") == "[relay]"
    assert routing.next_hop("a@example.com") == "smarthost"
    assert Routing({}).next_hop("a@Example.com") == "example.com"


def test_the_relay_control_of_the_scenario_is_the_one() -> None:
    reception = Reception(BOXES, {}, [RelayControl(["client"])])
    server = session(reception)
    ask(reception, server, Command("MAIL", "a@b"))
    assert ask(reception, server, Command("RCPT", "x@elsewhere")).code == 250


@pytest.mark.row("X-AUTH")
@pytest.mark.parametrize(("password", "code"), [("wonderland", 235), ("x", 535)])
def test_a_digest_is_judged_too(password: str, code: int) -> None:
    reception = Reception(BOXES, {"alice": "wonderland"})
    config = ServerConfig(
        "mx", auth="optional", tls="none", mechanisms=("CRAM-MD5",), ask=reception.asked
    )
    server = ServerSession(config, "1.2")
    server.reply(Reply(220, ("mx",)))
    server.receive(Command("EHLO", "c"))
    client = ClientDialogue("CRAM-MD5", Credentials("alice", password))
    client.hear(ask(reception, server, Command("AUTH", "CRAM-MD5")))
    response = AuthLine(client.answer())
    assert server.receive(response) is None
    assert reception.decide(server, response, "client", "192.0.2.1", 0).code == code


@pytest.mark.row("X-SCRAM")
@pytest.mark.parametrize(
    ("password", "codes"), [("wonderland", [334, 334, 235]), ("x", [334, 535])]
)
def test_a_proof_is_judged_and_answered_with_one(password: str, codes: list[int]) -> None:
    reception = Reception(BOXES, {"alice": "wonderland"})
    config = ServerConfig(
        "mx", auth="optional", tls="none", mechanisms=("SCRAM-SHA-256",), ask=reception.asked
    )
    server = ServerSession(config, "1.2")
    server.reply(Reply(220, ("mx",)))
    server.receive(Command("EHLO", "c"))
    client = ClientDialogue("SCRAM-SHA-256", Credentials("alice", password), "3.4")
    reply = ask(reception, server, client.command(is_initial=True))
    said = [reply.code]
    while client.hear(reply) is None and reply.code == 334:
        reply = ask(reception, server, AuthLine(client.answer()))
        said.append(reply.code)
    assert said == codes
    assert server.user == ("alice" if reply.code == 235 else "")


@pytest.mark.row("X-AUTH")
def test_an_unknown_user_is_told_the_same() -> None:
    reception = Reception(BOXES, {"alice": "wonderland"})
    server = session(reception)
    command = ClientDialogue("PLAIN", Credentials("bob", "x")).command(is_initial=True)
    assert str(ask(reception, server, command)) == "535 5.7.8 Error: authentication failed"


@pytest.mark.row("Q-10")
@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("user1@example.net", "252 2.0.0 user1@example.net"),
        ("<user1@example.net>", "252 2.0.0 user1@example.net"),
        ("postmaster", "252 2.0.0 postmaster"),
        (
            "nobody@example.net",
            "550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown",
        ),
        ("x@y", "550 5.7.1 <x@y>: Relay access denied"),
        ("useră@example.net smtputf8", "252 2.0.0 useră@example.net"),
        ("useră@example.net", "553 5.6.7 This address needs SMTPUTF8"),
        ("SMTPUTF8", "550 5.7.1 <>: Relay access denied"),
    ],
)
def test_vrfy(text: str, reply: str) -> None:
    reception = Reception(BOXES, {})
    assert str(ask(reception, session(reception), Command("VRFY", text))) == reply


@pytest.mark.row("Q-10")
def test_vrfy_by_somebody_who_may_relay() -> None:
    reception = Reception(BOXES, {})
    server = session(reception)
    server.user = "alice"
    said = str(ask(reception, server, Command("VRFY", "x@y")))
    assert said == "252 2.0.0 Cannot VRFY <x@y>, but will accept message and attempt delivery"


class Counting(Policy):
    """Hears of connections, and of how many messages came before."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, int]] = []

    def on_open(self, address: str, now_ns: int) -> None:
        self.heard.append(("open", address, now_ns))

    def on_close(self, address: str, now_ns: int) -> None:
        self.heard.append(("close", address, now_ns))

    def on_crash(self, now_ns: int) -> None:
        self.heard.append(("crash", "", now_ns))

    def on_mail(self, seen: Seen, now_ns: int) -> Reply | None:
        self.heard.append(("mail", seen.sender, seen.n_transactions))
        return None


def test_policies_hear_of_connections() -> None:
    counting = Counting()
    reception = Reception(BOXES, {}, [Grumpy(), counting])
    assert reception.has_say("GREETING")
    reception.opened("192.0.2.1", 1)
    server = session(reception)
    for _ in range(2):
        ask(reception, server, Command("MAIL", "a@b"))
        ask(reception, server, Command("RSET"))
    reception.closed("192.0.2.1", 2)
    reception.crashed(3)
    assert counting.heard == [
        ("open", "192.0.2.1", 1),
        ("mail", "a@b", 0),
        ("mail", "a@b", 1),
        ("close", "192.0.2.1", 2),
        ("crash", "", 3),
    ]


def test_without_one_that_hears_nobody_is_told() -> None:
    reception = Reception(BOXES, {}, [Grumpy()])
    assert not reception.has_say("GREETING")
    reception.opened("192.0.2.1", 1)
