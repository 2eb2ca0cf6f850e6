"""People who wait for what became of a message before they write the next."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.closed import Closed

CLOSED = Path(__file__).parents[3] / "experiments" / "theory" / "closed.yaml"
MX = "hosts.mx.example.org"
PEOPLE = "traffic.mail.arrivals={closed: {people: 3, think: 2s}}"
SHORT = ("duration=20s", "warmup=0s", PEOPLE)


def test_each_writes_when_the_one_before_is_over_and_a_pause_is() -> None:
    """Three people think for 2 s and are served in turn, 1 s each: 2, 3, 4 then 5, 6, 7 s later."""
    mails = ms.load(CLOSED, *SHORT, f"{MX}.service_time=1s").run().deliveries
    due_s, ended_s = sorted(mails["submitted_at_s"]), sorted(mails["ended_at_s"])
    assert due_s[:6] == pytest.approx([2, 2, 2, 5, 6, 7])
    assert ended_s[:6] == pytest.approx([3, 4, 5, 6, 7, 8])


def test_who_is_refused_thinks_and_writes_again() -> None:
    run = ms.load(CLOSED, *SHORT, f"{MX}.service_time=1s", f"{MX}.backlog=0").run()
    by_time = run.deliveries.groupby("submitted_at_s")["fate"]
    fates = {at_s: sorted(some) for at_s, some in by_time}
    assert fates[2.0] == ["delivered", "refused", "refused"]
    assert fates[4.0] == ["delivered", "refused"]
    assert fates[5.0] == fates[6.0] == ["delivered"]


def test_nobody_goes_on_while_a_machine_is_down() -> None:
    """What the outage keeps back is sent later, and only then a pause begins."""
    down = "faults=[{host_down: mx.example.org, at: 3s, for: 5s}]"
    mails = ms.load(CLOSED, *SHORT, f"{MX}.service_time=100ms", down).run().deliveries
    at_s = mails["submitted_at_s"]
    assert (at_s < 3).sum() == 3
    assert set(mails["fate"]) <= {"delivered", "queued"}
    for _, late in mails[(at_s > 3) & (at_s < 8)].iterrows():
        assert late["ended_at_s"] > 8
    assert at_s.between(3, 8).sum() <= 3


def test_were_each_message_over_at_once() -> None:
    closed = Closed.from_options({"people": 2, "think": "3s"})
    due = list(islice(closed.due(Streams(1)["x"]), 4))
    assert due == [3 * SECOND, 3 * SECOND, 6 * SECOND, 6 * SECOND]
    assert closed.expected(30 * SECOND) == pytest.approx(20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (8, r"expected \{people: 8, think: .*\}, got 8"),
        ({"people": 8}, r"expected \{people"),
        ({"people": 0, "think": "1s"}, "people: expected a whole number of at least 1, got 0"),
        ({"people": True, "think": "1s"}, "people: expected a whole number"),
        ({"people": 2, "think": "0s"}, "think: expected a duration above 0s"),
    ],
)
def test_bad_options(options: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Closed.from_options(options)
