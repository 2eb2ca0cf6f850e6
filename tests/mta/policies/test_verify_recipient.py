"""Recipient verification: the cache, its times, and what is polled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mailsim.mta.policies import Probe, Seen, Verdict, Wait
from mailsim.mta.policies.verify_recipient import VerifyRecipient
from mailsim.smtp import Reply

S = 1_000_000_000
HOUR, DAY = 3600 * S, 86_400 * S
BOB = Seen("out", "192.0.2.25", "out", "", "a@example.org", "Bob@example.net", False)
GOOD, BAD = Reply(250, ("Ok",), "2.1.5"), Reply(550, ("User unknown",), "5.1.1")
LATER = Reply(451, ("busy",), "4.3.0")
REJECTED = "<Bob@example.net>: Recipient address rejected"
Report = Callable[[Reply | None, int], None]


class Asked:
    """Asks a policy, with the next hop's outcome after some seconds; what it asked is kept."""

    def __init__(self, policy: VerifyRecipient) -> None:
        self.policy = policy
        self.n_probes = 0
        self.waited_s = 0
        self.report: Report | None = None

    def __call__(
        self, now: int, outcome: Reply | None = None, after_s: float = 1, seen: Seen = BOB
    ) -> Verdict:
        asking = self.policy.on_rcpt(seen, now)
        self.n_probes = self.waited_s = 0
        due = None
        try:
            question = next(asking)[0]
            while True:
                answer = None
                if isinstance(question, Probe):
                    assert question.recipient == "Bob@example.net"
                    self.n_probes += 1
                    self.report, due = question.report, now + round(after_s * S)
                else:
                    assert isinstance(question, Wait)
                    now += question.ns
                    self.waited_s += question.ns // S
                    answer = now
                    if outcome is not None and due is not None and now >= due:
                        assert self.report is not None
                        self.report(outcome, due)
                        due = None
                question = asking.send((answer,))[0]
        except StopIteration as stop:
            verdict: Verdict = stop.value
            return verdict


@pytest.fixture
def ask() -> Asked:
    return Asked(VerifyRecipient.from_options({}))


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (GOOD, "None"),
        (BAD, f"450 4.1.1 {REJECTED}: undeliverable address: 550 5.1.1 User unknown"),
        (LATER, f"450 4.1.1 {REJECTED}: unverified address: 451 4.3.0 busy"),
    ],
)
def test_a_new_recipient_waits_for_the_next_poll(ask: Asked, outcome: Reply, verdict: str) -> None:
    assert str(ask(0, outcome)) == verdict
    assert (ask.n_probes, ask.waited_s) == (1, 3)
    assert str(ask(10 * S)) == verdict
    assert (ask.n_probes, ask.waited_s) == (0, 0), "it is known now"
    assert ask(10 * S, seen=BOB._replace(is_local=True)) is None


def test_a_slow_next_hop(ask: Asked) -> None:
    verdict = ask(0, GOOD, after_s=100)
    assert str(verdict) == (
        "450 4.1.1 <Bob@example.net>: Recipient address rejected: unverified address: "
        "Address verification in progress"
    )
    assert ask.waited_s == 6
    assert str(ask(50 * S)).startswith("450 "), "the probe is still under way"
    assert ask.n_probes == 0
    assert ask.report is not None
    ask.report(GOOD, 100 * S)
    assert ask(101 * S) is None
    assert ask.n_probes == 0


def test_a_probe_without_an_outcome_is_made_again(ask: Asked) -> None:
    ask(0)
    ask(990 * S)
    assert ask.n_probes == 0
    ask(1007 * S)
    assert ask.n_probes == 1


@pytest.mark.parametrize(
    ("outcome", "refresh", "expire"), [(GOOD, 7 * DAY, 31 * DAY), (BAD, 3 * HOUR, 3 * DAY)]
)
def test_refreshing_and_expiring(ask: Asked, outcome: Reply, refresh: int, expire: int) -> None:
    first = ask(0, outcome, after_s=0)
    ask(refresh)
    assert ask.n_probes == 0
    assert ask(refresh + S) == first, "the old outcome counts meanwhile"
    assert (ask.n_probes, ask.waited_s) == (1, 0)
    assert ask(refresh + 2 * S) == first
    assert ask.n_probes == 0, "one probe at a time"
    assert str(ask(expire + S)) == str(ask(expire + 2 * S))
    assert ask.waited_s == 6, "it is new again"


def test_where_nobody_can_be_asked() -> None:
    policy = VerifyRecipient.from_options({})
    asking = policy.on_rcpt(BOB, 0)
    (probe,) = next(asking)
    assert isinstance(probe, Probe)
    probe.report(None, 0)
    with pytest.raises(StopIteration) as stop:
        asking.send((None,))
    assert stop.value.value is None


def test_options() -> None:
    made = Asked(
        VerifyRecipient.from_options(
            {"unverified_recipient_reject_code": 550, "address_verify_poll_count": 1}
        )
    )
    assert str(made(0)).startswith("450 4.1.1")
    assert made.waited_s == 0
    assert made.report is not None
    made.report(BAD, S)
    assert str(made(2 * S)).startswith("550 5.1.1 <Bob@example.net>: ")


@pytest.mark.parametrize(
    "options",
    [
        [],
        {"address_verify_poll_delay": 3},
        {"address_verify_poll_count": 0},
        {"unverified_recipient_reject_code": 554},
        {"unverified_recipient_reject_code": True},
        {"unverified_recipient_defer_code": "450"},
        {"poll": 1},
    ],
)
def test_wrong_options(options: object) -> None:
    with pytest.raises(ValueError, match=r"^verify_recipient.*(expected|takes)"):
        VerifyRecipient.from_options(options)
