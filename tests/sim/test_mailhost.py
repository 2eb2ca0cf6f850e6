"""What a mail host does with a message it has taken over, and how it picks the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.errors import ConfigError
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.experiment.runner import simulate
from mailsim.message import Content
from mailsim.mta.queue import Entry
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.record.log import Log
from mailsim.smtp import Command, Reply, ServerConfig, ServerSession

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"
SCHEDULER = "hosts.mx1.example.org.scheduler"


class Counting(Fifo):
    """First in, first out; counts."""

    n_picked = 0

    def pick(self, now_ns: int) -> Entry | None:
        entry = super().pick(now_ns)
        Counting.n_picked += entry is not None
        return entry


def test_the_scheduler_of_the_scenario_picks() -> None:
    scenario = load_scenario(FIRST, [f"{SCHEDULER}={__name__}:Counting"])
    simulate(scenario, 1, Log())
    assert Counting.n_picked == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fifi", "unknown scheduler 'fifi': known are fifo, preemptive"),
        ("nowhere:Fifo", "cannot load scheduler 'nowhere:Fifo': No module named 'nowhere'"),
    ],
)
def test_an_unknown_scheduler(name: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_scenario(FIRST, [f"{SCHEDULER}='{name}'"])
    assert said in str(caught.value)
    assert ("did you mean 'fifo'" in str(caught.value)) == (name == "fifi")
    assert len(caught.value.problems) == 1


def test_each_local_recipient_ends_with_its_own_reply() -> None:
    world = build_world(load_scenario(FIRST, ["hosts.mx.example.net.mailboxes=[bob]"]), 1, Log())
    recipients = ("ghost@example.net", "bob@example.net")
    server = ServerSession(ServerConfig("mx.example.net", tls="none", ask=frozenset({"RCPT"})))
    server.reply(Reply(220, ("mx",)))
    for command in (Command("EHLO", "c"), Command("MAIL", "a@x")):
        server.receive(command)
    for recipient in recipients:  # as if somebody upstream had not checked
        server.receive(Command("RCPT", recipient))
        server.reply(Reply(250))
    content = Content(0, (), b"", b"")
    world.ledger.open(content.number, "a@x", recipients, "t", 0, 0, "c")
    world.mail_hosts["mx.example.net"].take_over(server, content, "c", "192.0.2.1", 0)
    ended = {row[1]: (row[10], row[14]) for row in world.log.deliveries}
    assert ended == {
        "ghost@example.net": ("bounced", "550 5.1.1 User unknown"),
        "bob@example.net": ("delivered", "250 2.0.0 Ok: queued as 0030000001"),
    }
