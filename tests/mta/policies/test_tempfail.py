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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("30%", r"tempfail: expected \{share: 30%\}, got '30%'"),
        ({}, r"tempfail: expected \{share: 30%\}, got \{\}"),
        ({"rate": 1}, "tempfail takes share and no 'rate'"),
        ({"share": "130%"}, "tempfail: share: expected"),
    ],
)
def test_bad_options(options: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tempfail.from_options(options)
