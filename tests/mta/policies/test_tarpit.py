"""Tarpit: replies come late."""

from __future__ import annotations

import pytest

from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Asking, Seen, Wait
from mailsim.mta.policies.tarpit import Tarpit
from mailsim.mta.reception import Reception

SEEN = Seen("out", "192.0.2.25", "out", "", "a@example.org", "b@example.net", True)
VERBS = {
    "connect": "GREETING",
    "helo": "EHLO",
    "mail": "MAIL",
    "rcpt": "RCPT",
    "data": "DATA",
    "message": "CONTENT",
}


def waits(asking: Asking) -> list[int]:
    found = []
    for questions in asking:
        (wait,) = questions
        assert isinstance(wait, Wait)
        found.append(wait.ns)
    return found


@pytest.mark.parametrize("stage", VERBS)
def test_stages(stage: str) -> None:
    tarpit = Tarpit.from_options({"delay": "2s", "stage": stage})
    assert waits(getattr(tarpit, f"on_{stage}")(SEEN, 0)) == [2_000_000_000]
    assert waits(getattr(tarpit, f"on_{stage}")(SEEN._replace(user="alice"), 0)) == []
    reception = Reception(Mailboxes([]), {}, [tarpit])
    assert reception.asking & set(VERBS.values()) == {VERBS[stage]}


def test_from_some_number_of_recipients_on() -> None:
    tarpit = Tarpit.from_options({"after": 2})
    assert [waits(tarpit.on_rcpt(SEEN._replace(n_recipients=n), 0)) for n in range(4)] == [
        [], [], [5_000_000_000], [5_000_000_000],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (None, "expected {delay"),
        ({"delay": 5}, "delay: "),
        ({"stage": "quit"}, "stage: expected connect or"),
        ({"after": -1}, "after: expected a whole number"),
        ({"after": 3, "stage": "mail"}, "after: expected with stage: rcpt only"),
    ],
)
def test_options(options: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Tarpit.from_options(options)
