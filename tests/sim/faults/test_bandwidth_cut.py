"""A link that is narrower for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from broken import run

from mailsim.sim.faults.bandwidth_cut import BandwidthCut

BETWEEN = ["ix", "mx.example.net"]
RATE = ("traffic.people.arrivals.poisson=30/min", "duration=15min")


def cut(to: str, at: str, lasts: str) -> dict[str, Any]:
    return {"bandwidth_cut": {"between": BETWEEN, "to": to}, "at": at, "for": lasts}


def test_the_narrowest_counts_and_each_mends_its_own_part(tmp_path: Path) -> None:
    faults = cut("1 Mbit/s", "200s", "400s"), cut("100 kbit/s", "400s", "400s")
    frames = run(tmp_path, *faults, sets=RATE)
    attempts = frames["attempts"].query("host == 'mx1.example.org'")
    attempts = attempts[attempts["ended_at_s"] % 200 > 10]
    took = attempts["d_s"].groupby(attempts["ended_at_s"] // 200).median()
    # A message of 4 kB takes 32 ms more at 1 Mbit/s, 320 ms more at 100 kbit/s.
    assert took[1] - took[0] == pytest.approx(0.034, abs=0.004)
    assert took[2] - took[0] == pytest.approx(0.34, abs=0.04)
    assert took[3] - took[0] == pytest.approx(0.34, abs=0.04)
    assert took[4] - took[0] == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("mx", "expected {between"),
        ({"between": BETWEEN}, "expected {between"),
        ({"between": BETWEEN, "to": "unlimited"}, "to: expected a bandwidth such as 1 Mbit/s"),
        ({"between": BETWEEN, "to": 7}, "to: expected a bandwidth"),
    ],
)
def test_wrong_options(options: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        BandwidthCut.from_options(options)
