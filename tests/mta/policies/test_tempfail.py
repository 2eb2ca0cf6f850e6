"""Failures by chance."""

from __future__ import annotations

import pytest

from mailsim.mta.policies import Chance, Seen
from mailsim.mta.policies.tempfail import Tempfail

SEEN = Seen("out", "192.0.2.25", "", "", "", "bob@example.net", True)


@pytest.mark.parametrize(
    ("drawn", "verdict"),
    [(0.0, "451 4.3.0 <bob@example.net>: Try again later"), (0.3, "None"), (0.99, "None")],
)
def test_a_draw_below_the_share_fails(drawn: float, verdict: str) -> None:
    asking = Tempfail.from_options({"share": "30%"}).on_rcpt(SEEN, 0)
    assert next(asking) == (Chance(),)
    with pytest.raises(StopIteration) as stop:
        asking.send((drawn,))
    assert str(stop.value.value) == verdict


def test_a_message_fails_after_the_final_dot_for_all_its_recipients() -> None:
    tempfail = Tempfail.from_options({"share": "30%", "stage": "message"})
    assert [stage for stage in ("on_rcpt", "on_message") if tempfail.decides_at(stage)] == [
        "on_message"
    ]
    assert Tempfail.from_options({"share": "30%"}).decides_at("on_rcpt")
    verdicts = []
    for drawn in (0.29, 0.3):
        asking = tempfail.on_message(SEEN, 0)
        assert next(asking) == (Chance(),)
        with pytest.raises(StopIteration) as stop:
            asking.send((drawn,))
        verdicts.append(str(stop.value.value))
    assert verdicts == ["451 4.3.0 Local error in processing; try again later", "None"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("30%", r"tempfail: expected \{share: 30%\}, got '30%'"),
        ({}, r"tempfail: expected \{share: 30%\}, got \{\}"),
        ({"rate": 1}, "tempfail takes share, stage and no 'rate'"),
        ({"share": "3%", "stage": "data"}, "tempfail: stage: expected rcpt or message, got 'data'"),
        ({"share": "130%"}, "tempfail: share: expected"),
    ],
)
def test_bad_options(options: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tempfail.from_options(options)
