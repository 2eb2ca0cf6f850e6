"""The queue manager conserves recipients, whatever the outcomes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mailsim.message import Content, Params
from mailsim.mta.queue import QueueManager
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.mta.routing import Routing
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.mta.schedulers.preemptive import Preemptive
from mailsim.mta.settings import Settings
from mailsim.smtp import Reply

S = 1_000_000_000
EMPTY = Content(0, (), b"", b"")
OUTCOMES = {"sent": Reply(250), "deferred": Reply(450), "bounced": Reply(550)}


def manager(**options: int) -> QueueManager:
    return QueueManager(Settings(**options), Routing({}), Fifo(Settings()))  # type: ignore[arg-type]


def message(number: int, *recipients: str, sender: str = "a@example.org") -> QueuedMessage:
    return QueuedMessage(f"{number:X}", sender, recipients, EMPTY, 0)


def test_recipients_are_grouped_by_destination_and_limit() -> None:
    queue = manager(default_destination_recipient_limit=2)
    queue.add(message(1, "1@x", "2@y", "3@x", "4@x"), 0)
    entries = [queue.scheduler.pick(0) for _ in range(3)]
    assert [(e.destination, e.recipients) for e in entries if e] == [
        ("x", ("1@x", "3@x")),
        ("y", ("2@y",)),
        ("x", ("4@x",)),
    ]


def test_a_transport_may_have_a_recipient_limit_of_its_own() -> None:
    queue = QueueManager(
        Settings(),
        Routing({"x": "slow:x", "y": "[mx.y]"}),
        Preemptive(Settings(), {"slow": Settings()}),
    )
    queue.recipient_limits["slow"] = 1
    queue.add(message(1, "1@x", "2@x", "3@y", "4@y"), 0)
    entries = [queue.scheduler.pick(0) for _ in range(4)]
    assert sorted((e.destination, len(e.recipients)) for e in entries if e) == [
        ("[mx.y]", 2),
        ("slow:x", 1),
        ("slow:x", 1),
    ]


def test_the_active_queue_has_a_limit() -> None:
    queue = manager(qmgr_message_active_limit=1)
    queue.add(message(1, "1@x"), 0)
    queue.add(message(2, "2@x"), 0)
    assert (queue.n_active, queue.n_incoming) == (1, 1)
    entry = queue.scheduler.pick(0)
    assert entry is not None
    queue.done(entry, [OUTCOMES["sent"]], S)
    assert (queue.n_active, queue.n_incoming) == (1, 0)


def test_a_full_active_queue_prefers_new_mail() -> None:
    """Postfix qmgr.c; what was deferred stays in the deferred queue until there is room."""
    queue = manager(qmgr_message_active_limit=1)
    queue.add(message(1, "1@x"), 0)
    entry = queue.scheduler.pick(0)
    assert entry is not None
    queue.done(entry, [OUTCOMES["deferred"]], 0)
    queue.add(message(2, "2@x"), 599 * S)
    queue.scan(600 * S)
    queue.add(message(3, "3@x"), 601 * S)
    assert (queue.n_active, queue.n_incoming, queue.n_deferred) == (1, 1, 1)
    order = []
    while (entry := queue.scheduler.pick(0)) is not None:
        queue.done(entry, [OUTCOMES["sent"]], 602 * S)
        order += entry.recipients
    assert order == ["2@x", "3@x", "1@x"]
    assert (queue.n_active, queue.n_incoming, queue.n_deferred) == (0, 0, 0)


def test_the_sender_is_told_once_all_deliveries_of_a_message_are_over() -> None:
    queue = manager(maximal_queue_lifetime=10 * S)
    queue.add(message(1, "1@x", "2@y", "3@z"), 0)
    x, y, z = (queue.scheduler.pick(0) for _ in range(3))
    assert x is not None
    assert y is not None
    assert z is not None
    bounced, deferred = OUTCOMES["bounced"], OUTCOMES["deferred"]
    assert queue.done(x, [bounced], 10 * S, ["mx.x"]).reports == []
    assert queue.done(y, [deferred], 10 * S, ["mx.y"]).reports == []
    assert queue.done(z, [bounced], 10 * S, ["mx.z"]).reports == [
        [("1@x", "mx.x", bounced, "failed"), ("3@z", "mx.z", bounced, "failed")],
        [("2@y", "mx.y", deferred, "failed")],
    ], "what has expired is a report of its own"


def test_whom_it_was_handed_to_is_a_report_of_its_own() -> None:
    queue = manager()
    mail = message(1, "1@x", "2@y")
    queue.add(mail, 0)
    x, y = (queue.scheduler.pick(0) for _ in range(2))
    assert x is not None
    assert y is not None
    sent = Told("1@x", "mx.x", OUTCOMES["sent"], "relayed")
    mail.tell(sent)
    assert queue.done(x, [OUTCOMES["sent"]], S, ["mx.x"]).reports == []
    assert queue.done(y, [OUTCOMES["bounced"]], S, ["mx.y"]).reports == [
        [Told("2@y", "mx.y", OUTCOMES["bounced"])],
        [sent],
    ]


def test_a_deferred_message_waits_for_a_scan() -> None:
    queue = manager()
    assert queue.next_scan_at() is None
    queue.add(message(1, "1@x"), 0)
    entry = queue.scheduler.pick(0)
    assert entry is not None
    queue.done(entry, [OUTCOMES["deferred"]], S)
    assert queue.n_deferred == 1
    assert queue.next_scan_at() == 600 * S, "due at 301 s, found by the scan at 600 s"
    queue.scan(300 * S)
    assert queue.n_deferred == 1
    queue.scan(600 * S)
    assert (queue.n_deferred, queue.n_active) == (0, 1)


def test_reports_expire_by_their_own_lifetime() -> None:
    queue = manager(bounce_queue_lifetime=10 * S)
    queue.add(message(1, "1@x", sender=""), 0)
    queue.add(message(2, "2@x"), 0)
    for expected in (["1@x"], []):
        entry = queue.scheduler.pick(0)
        assert entry is not None
        ended = queue.done(entry, [OUTCOMES["deferred"]], 10 * S)
        assert [to for to, _ in ended.expired] == expected


@given(
    st.lists(st.lists(st.sampled_from("xyz"), min_size=1, max_size=6), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_every_recipient_ends_once_or_is_held(
    messages: list[list[str]], random: st.DataObject
) -> None:
    queue = manager(
        default_destination_recipient_limit=2,
        maximal_queue_lifetime=3600 * S,
        qmgr_message_active_limit=2,
    )
    open_recipients = set()
    for number, domains in enumerate(messages):
        recipients = [f"{number}.{i}@{domain}" for i, domain in enumerate(domains)]
        open_recipients |= set(recipients)
        queue.add(message(number, *recipients), 0)
    now = 0
    for _ in range(200):
        now += S
        entry = queue.scheduler.pick(0)
        if entry is None:
            at = queue.next_scan_at()
            if at is None:
                break
            now = at
            queue.scan(now)
            continue
        replies = [OUTCOMES[random.choice(list(OUTCOMES))] for _ in entry.recipients]  # type: ignore[attr-defined]
        ended = queue.done(entry, replies, now)
        queue.scheduler.release(entry, 0)
        for to, _ in (*ended.sent, *ended.bounced, *ended.expired):
            open_recipients.remove(to)
        assert {to for _, to in queue.held()} == open_recipients
    assert open_recipients == set()


def asking(params: Params = (), rcpt_params: dict[str, Params] | None = None) -> QueuedMessage:
    return QueuedMessage("1", "a@example.org", ("b@x", "c@x"), EMPTY, 10 * S, params, rcpt_params)


def test_late_mail_comes_back_at_its_deadline() -> None:
    """RFC 2852 section 4: with mode R the deferred queue is not waited for beyond it."""
    queue = manager()
    late = asking((("BY", "90;R"),))
    assert late.deadline_ns == 100 * S
    queue.add(late, 10 * S)
    entry = queue.scheduler.pick(0)
    assert entry is not None
    queue.done(entry, [OUTCOMES["deferred"]] * 2, 10 * S)
    assert queue.next_scan_at() == 100 * S
    queue.scan(100 * S)
    again = queue.scheduler.pick(0)
    assert again is not None
    ended = queue.done(again, [OUTCOMES["deferred"]] * 2, 100 * S)
    assert [reply.enhanced for _, reply in ended.bounced] == ["5.4.7", "5.4.7"]
    assert list(queue.held()) == []


def test_a_restart_begins_with_what_the_disk_has_kept() -> None:
    """Active mail is tried again, deferred mail when it is due; what bounced is reported then."""
    queue = manager(qmgr_message_active_limit=2)
    queue.add(message(1, "1@x", "2@y", "3@z"), 0)
    queue.add(message(2, "4@x"), 0)
    queue.add(message(3, "5@x"), 0)
    first = [queue.scheduler.pick(0) for _ in range(4)]
    x, y, _, four = sorted(filter(None, first), key=lambda e: e.recipients)
    queue.done(four, [OUTCOMES["deferred"]], 0)
    queue.done(x, [OUTCOMES["bounced"]], 0)
    queue.done(y, [OUTCOMES["deferred"]], 0)
    queue.restart(Fifo(Settings()), 10 * S)
    assert (queue.n_active, queue.n_incoming, queue.n_deferred) == (2, 0, 1)
    again: list[str] = []
    reports = []
    while (entry := queue.scheduler.pick(0)) is not None:
        again += entry.recipients
        reports += queue.done(entry, [OUTCOMES["sent"]] * len(entry.recipients), 11 * S).reports
    assert sorted(again) == ["2@y", "3@z", "5@x"]
    assert [[failed.recipient for failed in report] for report in reports] == [["1@x"]]
    queue.scan(600 * S)
    assert queue.n_active == 1
