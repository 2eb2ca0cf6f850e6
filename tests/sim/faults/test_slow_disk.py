"""A slow disk: each message takes longer; so long that the client gives up, and sends it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from broken import run

from mailsim.sim.faults.slow_disk import SlowDisk

HOST = "mx.example.net"
RATE = ("traffic.people.arrivals.poisson=30/min",)


def test_service_takes_as_long_as_it_says(tmp_path: Path) -> None:
    faults: list[dict[str, Any]] = [
        {"slow_disk": {"host": HOST, "factor": 10}, "at": "300s", "for": "600s"},
        {"slow_disk": {"host": HOST, "factor": 2, "add": "50ms"}, "at": "600s", "for": "600s"},
    ]
    frames = run(tmp_path, *faults, sets=RATE)
    sessions = frames["sessions"].query("server == @HOST and messages > 0")
    each = sessions["service_s"] / sessions["messages"]
    by_period = each[sessions["opened_at_s"] % 300 < 290].groupby(sessions["opened_at_s"] // 300)
    for period, service_s in enumerate([0.008, 0.080, 0.210, 0.066, 0.008, 0.008]):
        # A connection that is kept may see the change.
        assert by_period.median()[period] == pytest.approx(service_s)


def test_a_client_gives_up_after_ten_minutes_and_the_message_comes_twice(tmp_path: Path) -> None:
    """RFC 5321 section 4.5.3.2.6."""
    fault = {"slow_disk": {"host": HOST, "add": "700s"}, "at": "0s", "for": "60s"}
    traffic = {
        "hello": {"from": "alice@example.org", "to": "bob@example.net", "arrivals": {"once": "1s"}}
    }
    frames = run(tmp_path, fault, traffic=traffic, sets=("duration=40min",))
    attempts = frames["attempts"].query("host == 'mx1.example.org'")
    assert attempts["status"].tolist() == ["deferred", "sent"]
    assert 600 < attempts["d_s"].iloc[0] < 601
    assert "timed out while sending end of data" in attempts["reply"].iloc[0]
    # The server took it long after the client had gone; then the client came back.
    assert frames["deliveries"]["fate"].tolist() == ["delivered"]
    stored_s = frames["deliveries"]["ended_at_s"].iloc[0]
    assert stored_s == pytest.approx(702, abs=1)
    (copy,) = frames["duplicates"].to_dict("records")
    assert copy["at_s"] > stored_s
    session = frames["sessions"].query("server == @HOST").sort_values("opened_at_s").iloc[0]
    assert session["released_at_s"] == pytest.approx(stored_s)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (HOST, "expected {host"),
        ({"host": HOST}, "expected {host"),
        ({"factor": 3}, "expected {host"),
        ({"host": 3, "factor": 3}, "host: expected the name of a host"),
        ({"host": HOST, "factor": 0.5}, "factor: expected a number of at least 1"),
        ({"host": HOST, "factor": True}, "factor: expected a number of at least 1"),
        ({"host": HOST, "factor": "3"}, "factor: expected a number of at least 1"),
        ({"host": HOST, "factor": float("inf")}, "factor: expected a number of at least 1"),
        ({"host": HOST, "add": "-1s"}, "add: expected a duration"),
    ],
)
def test_wrong_options(options: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        SlowDisk.from_options(options)
