"""A client that asks and sends nothing."""

from __future__ import annotations

import pytest

from mailsim.message import Envelope, Head, new_content
from mailsim.smtp import ClientConfig, Command, Reply, ServerConfig, ServerSession
from mailsim.smtp.probe import ProbeSession
from mailsim.smtp.values import verb_of

CONTENT = new_content(Head(0, "h.example", "a@x.example", "b@y.example", "probe", 0), 2)


@pytest.mark.parametrize("refused", [False, True])
def test_it_ends_before_data(refused: bool) -> None:
    client = ProbeSession(ClientConfig("c.example", tls="none"))
    server = ServerSession(ServerConfig("mx.example", tls="none", ask=frozenset({"RCPT"})))
    client.receive(server.reply(Reply(220, ("mx",))))
    transaction = client.begin(Envelope("a@x.example", ("b@y.example", "c@y.example")), CONTENT)
    said = []

    def talk() -> None:
        while flight := client.flight():
            for value in flight:
                said.append(verb_of(value))
                reply = server.receive(value)
                if reply is None:
                    assert type(value) is Command
                    is_bad = refused and value.arg.startswith("c")
                    answer = Reply(550, ("no",), "5.1.1") if is_bad else server.default_reply()
                    reply = server.reply(answer)
                client.receive(reply)

    talk()
    assert said == ["EHLO", "MAIL", "RCPT", "RCPT"]
    assert [reply.code for reply in transaction.replies] == [250, 550 if refused else 250]
    assert transaction.final == transaction.replies[-1]
    client.quit()
    talk()
    assert said[-1] == "QUIT"
