"""A link that flaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from broken import run

from mailsim.sim.faults._options import Links
from mailsim.sim.faults.flapping import Flapping

RATE = ("traffic.people.arrivals.poisson=30/min", "duration=10min")
BETWEEN = ["ix", "mx.example.net"]


def test_mail_waits_for_the_link_and_no_longer_than_tcp_does(tmp_path: Path) -> None:
    options = {"between": BETWEEN, "down": "2s", "up": "3s"}
    frames = run(tmp_path, {"flapping": options, "at": "200s", "for": "200s"}, sets=RATE)
    mail = frames["deliveries"].query("fate == 'delivered'")
    during = mail[mail["submitted_at_s"].between(200, 395)]
    late = (during["delay_s"] > 1.4).mean()
    # Down for two fifths of the time: about so many are late, and some that met it in the middle.
    assert 0.3 < late < 0.7
    assert during["delay_s"].max() < 30
    assert mail[mail["submitted_at_s"] > 401]["delay_s"].max() < 1.4
    assert len(frames["faults"]) == 1


def test_it_leaves_the_link_up(tmp_path: Path) -> None:
    """Down when the fault ends, and again at the next beginning."""
    options = {"between": BETWEEN, "down": "20s", "up": "1s"}
    frames = run(
        tmp_path, {"flapping": options, "at": "100s", "for": "10s", "every": "100s"}, sets=RATE
    )
    mail = frames["deliveries"].query("fate == 'delivered'")
    for begin in (100, 200, 300):
        between = mail[mail["submitted_at_s"].between(begin + 10.1, begin + 99)]
        assert between["delay_s"].max() < 1.4
    assert len(frames["faults"]) == 5


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("mx", "expected {between"),
        ({}, "expected {between"),
        ({"between": BETWEEN, "down": "0s"}, "down: expected a duration above 0s"),
        ({"between": BETWEEN, "up": 5}, "up: expected a duration"),
        ({"between": 7}, r"between: expected \[host, host\]"),
        ({"between": BETWEEN, "often": "1s"}, "flapping takes between, down, up and no 'often'"),
    ],
)
def test_wrong_options(options: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Flapping.from_options(options)


def test_defaults() -> None:
    made = Flapping.from_options({"between": "mx"})
    assert isinstance(made.links, Links)
    assert (made.links.names, made.down_ns, made.up_ns) == (("mx",), 10**9, 9 * 10**9)
