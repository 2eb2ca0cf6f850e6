"""When the sender hears of a delay: at the end of a time of its own, or of the host's."""

from __future__ import annotations

import pytest

from mailsim.message import Content, Params
from mailsim.mta.queue import QueueManager
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply

S = 1_000_000_000
BUSY = Reply(450, ("not now",), "4.2.0")
DELAYED = [Told("b@x", "mx.x", BUSY, "delayed")]


def manager(**options: int) -> QueueManager:
    settings = Settings(**options)  # type: ignore[arg-type]
    return QueueManager(settings, Routing({}), Fifo(settings))


def start(queue: QueueManager, params: Params = (), arrived_s: int = 10) -> QueuedMessage:
    message = QueuedMessage("1", "a@y", ("b@x",), Content(0, (), b"", b""), arrived_s * S, params)
    queue.add(message, arrived_s * S)
    return message


def attempt(queue: QueueManager, at_s: int, reply: Reply = BUSY) -> list[list[Told]]:
    entry = queue.scheduler.pick(at_s * S)
    assert entry is not None
    ended = queue.done(entry, [reply], at_s * S, ["mx.x"])
    queue.scheduler.release(entry, at_s * S)
    return ended.reports


@pytest.mark.row("X-DELIVERBY")
def test_the_sender_hears_at_the_deadline_that_it_is_late() -> None:
    """RFC 2852 section 4: mode N; the message goes on waiting for its next attempt."""
    queue = manager()
    message = start(queue, (("BY", "90;N"),))
    assert attempt(queue, 11) == []
    assert queue.next_scan_at() == 100 * S
    assert queue.scan(99 * S) == []
    assert queue.scan(100 * S) == [(message, DELAYED)]
    assert (queue.n_deferred, queue.n_active) == (1, 0), "not tried again before its time"
    assert queue.next_scan_at() == 600 * S, "the first scan from 311 s on"
    assert queue.scan(600 * S) == []
    assert attempt(queue, 601) == [], "told once"
    assert queue.next_scan_at() == 1200 * S, "1192 s, for it is 591 s old"


@pytest.mark.row("X-DELIVERBY")
def test_a_deadline_that_passes_during_an_attempt_is_told_after_it() -> None:
    queue = manager()
    start(queue, (("BY", "90;N"),))
    assert attempt(queue, 101) == [DELAYED]
    assert queue.next_scan_at() == 600 * S


@pytest.mark.row("X-DELIVERBY")
def test_a_deadline_after_the_next_attempt_needs_no_call_of_its_own() -> None:
    queue = manager()
    start(queue, (("BY", "1000;N"),))
    assert attempt(queue, 11) == []
    assert queue.next_scan_at() == 600 * S
    assert queue.scan(600 * S) == []
    assert attempt(queue, 601, Reply(250)) == [], "in time"


@pytest.mark.row("X-DELIVERBY")
def test_what_was_late_on_arrival_has_been_told_of() -> None:
    queue = manager()
    start(queue, (("BY", "-5;N"),))
    assert attempt(queue, 11) == []
    assert queue.next_scan_at() == 600 * S


def test_a_warning_comes_with_the_first_failure_after_its_time() -> None:
    """Postfix qmgr_active.c: looked at after an attempt, once per message."""
    queue = manager(delay_warning_time=1000 * S)
    start(queue, (("RET", "FULL"),))
    for at_s, reports in ((11, []), (601, []), (1501, [DELAYED]), (3601, [])):
        queue.scan(at_s * S)
        assert attempt(queue, at_s) == reports


def test_a_warning_and_a_deadline_are_told_of_together_or_apart() -> None:
    queue = manager(delay_warning_time=200 * S)
    message = start(queue, (("BY", "1000;N"),))
    assert attempt(queue, 300) == [DELAYED], "the warning"
    queue.scan(600 * S)
    assert attempt(queue, 600) == []
    assert queue.scan(1010 * S) == [(message, DELAYED)], "the deadline"
    both = manager(delay_warning_time=200 * S)
    start(both, (("BY", "100;N"),))
    assert attempt(both, 300) == [DELAYED]
    both.scan(900 * S)
    assert attempt(both, 900) == []


def test_a_crash_keeps_what_is_to_be_told() -> None:
    queue = manager()
    message = start(queue, (("BY", "90;N"),))
    attempt(queue, 11)
    queue.restart(Fifo(Settings()), 50 * S)
    assert queue.scan(100 * S) == [(message, DELAYED)]
    assert queue.next_scan_at() == 600 * S


def test_what_expires_is_not_told_of_as_delayed() -> None:
    queue = manager(delay_warning_time=5 * S, maximal_queue_lifetime=5 * S)
    start(queue)
    assert attempt(queue, 15) == [[Told("b@x", "mx.x", BUSY, "failed")]]
