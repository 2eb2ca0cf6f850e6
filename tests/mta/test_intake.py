"""Turns between new and deferred mail, and the tokens that slow down new mail."""

from __future__ import annotations

from mailsim.message import Content
from mailsim.mta.intake import Flow, Intake
from mailsim.mta.queue import QueueManager
from mailsim.mta.queued import QueuedMessage
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply

S = 1_000_000_000
EMPTY = Content(0, (), b"", b"")


def turns(intake: Intake, n_incoming: int, n_due: int, n_active: int = 0) -> str:
    order = ""
    while n_due and n_active < intake.limit:
        deferred = intake.takes_deferred(has_incoming=n_incoming > 0, n_active=n_active)
        n_active += 1
        n_due, n_incoming = (n_due - 1, n_incoming) if deferred else (n_due, n_incoming - 1)
        order += "d" if deferred else "i"
    return order


def test_deferred_mail_gets_every_other_turn() -> None:
    assert turns(Intake(100), 4, 6) == "idididid" + "dd"
    assert turns(Intake(100), 3, 1) == "id"


def test_a_full_active_queue_prefers_new_mail() -> None:
    intake = Intake(3)
    assert turns(intake, 5, 5) == "idi"
    assert turns(intake, 5, 5, n_active=2) == "i", "it would have been the deferred one's turn"
    assert turns(intake, 5, 5, n_active=3) == ""


def test_who_finds_no_token_waits() -> None:
    flow = Flow(2, S)
    assert [flow.wait_ns() for _ in range(4)] == [0, 0, S, S]
    flow.took(n_incoming=3)
    assert [flow.wait_ns() for _ in range(2)] == [0, S]
    flow.took(n_incoming=0)
    assert [flow.wait_ns() for _ in range(3)] == [0, 0, S], "all are back"


def test_it_never_has_more_tokens_than_there_are() -> None:
    flow = Flow(1, S)
    flow.took(n_incoming=5)
    assert [flow.wait_ns() for _ in range(2)] == [0, S]


def test_a_queue_manager_slows_down_what_it_cannot_take() -> None:
    """With one active message and two tokens, the fourth message has to wait."""
    settings = Settings(qmgr_message_active_limit=1, default_process_limit=2, in_flow_delay=S)
    queue = QueueManager(settings, Routing({}), Fifo(settings))
    waits = []
    for number in range(4):
        assert queue.flow is not None
        waits.append(queue.flow.wait_ns())
        message = QueuedMessage(f"{number}", "a@example.org", (f"{number}@x",), EMPTY, 0)
        queue.add(message, 0)
    assert waits == [0, 0, 0, S], "the first was active at once and gave its token back"
    while (entry := queue.scheduler.pick(0)) is not None:
        queue.done(entry, [Reply(250)], 0)
        queue.scheduler.release(entry, 0)
    assert [queue.flow.wait_ns() for _ in range(3)] == [0, 0, S]


def test_without_a_delay_there_is_no_flow_to_control() -> None:
    assert QueueManager(Settings(), Routing({}), Fifo(Settings())).flow is None
