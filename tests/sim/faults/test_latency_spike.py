"""A link that takes longer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from broken import run

from mailsim.sim.faults.latency_spike import LatencySpike

BETWEEN = ["ix", "mx.example.net"]
RATE = ("traffic.people.arrivals.poisson=30/min", "duration=15min")


def spike(add: str, at: str, lasts: str) -> dict[str, Any]:
    return {"latency_spike": {"between": BETWEEN, "add": add}, "at": at, "for": lasts}


def test_each_round_trip_takes_twice_as_much_more(tmp_path: Path) -> None:
    """Spikes that overlap add up; each takes its own part away, also from open connections."""
    faults = spike("100ms", "200s", "400s"), spike("50ms", "400s", "400s")
    frames = run(tmp_path, *faults, sets=RATE)
    sessions = frames["sessions"].query("client == 'mx1.example.org' and messages == 1")
    sessions = sessions[sessions["opened_at_s"] % 200 < 190]  # over before the change
    took = (sessions["released_at_s"] - sessions["opened_at_s"]).groupby(
        [sessions["opened_at_s"] // 200, sessions["round_trips"]]
    )
    shortest, trips = took.min(), sessions["round_trips"].mode()[0]
    # The server lets go when it has got QUIT, which nobody waits for: one flight more.
    for period, extra in ((0, 0.0), (1, 0.1), (2, 0.15), (3, 0.05), (4, 0.0)):
        more = shortest[period, trips] - shortest[0, trips]
        assert more == pytest.approx(extra * (2 * trips + 1), abs=1e-6)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("mx", "expected {between"),
        ({"between": BETWEEN}, "expected {between"),
        ({"between": BETWEEN, "add": "0s"}, "add: expected a latency above 0s"),
        ({"between": BETWEEN, "add": "-1s"}, "add: expected a duration"),
        ({"between": BETWEEN, "latency": "1s"}, "latency_spike takes between, add and no"),
    ],
)
def test_wrong_options(options: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        LatencySpike.from_options(options)
