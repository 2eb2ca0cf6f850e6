"""A link that is cut: TCP tries again, then the client gives up, then the queue does its work."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import run

from mailsim.sim.faults.link_down import LinkDown

LINK = ["ix", "mx.example.net"]
RATE = ("traffic.people.arrivals.poisson=30/min",)


def test_a_short_cut_is_bridged_by_tcp(tmp_path: Path) -> None:
    """SYN again after 1, 3, 7, 15 s (RFC 6298): within 30 s nobody gives up."""
    frames = run(tmp_path, {"link_down": LINK, "at": "300s", "for": "10s"}, sets=RATE)
    assert set(frames["attempts"]["status"]) == {"sent"}
    mail = frames["deliveries"]
    hit = mail[mail["submitted_at_s"].between(300, 310)]
    assert len(hit) >= 2
    # The SYN of each was sent again in the last wait that ended after the cut: 16 s at most.
    assert 1 < hit["delay_s"].max() < 17
    assert mail[mail["submitted_at_s"].between(30, 299)]["delay_s"].max() < 1.5


def test_a_long_one_defers(tmp_path: Path) -> None:
    frames = run(tmp_path, {"link_down": LINK, "at": "300s", "for": "5min"}, sets=RATE)
    attempts = frames["attempts"]
    deferred = attempts[attempts["status"] == "deferred"]
    text = "4.4.1 connect to mx.example.net[198.51.100.25]:25: Connection timed out"
    # The first may have been in mid-dialogue.
    assert deferred["reply"].value_counts()[text] >= len(deferred) - 2 > 50
    timed_out = deferred[deferred["reply"] == text]
    assert timed_out["c_s"].between(30, 31.5).all()  # smtp_connect_timeout, after the lookup
    assert timed_out["code"].isna().all()
    fates = frames["deliveries"]["fate"].value_counts()
    assert set(fates.index) <= {"delivered", "queued"}
    assert fates.get("queued", 0) < 10
    assert frames["faults"].to_dict("list") == {
        "began_at_s": [300.0],
        "ended_at_s": [600.0],
        "fault": ["link_down"],
        "target": ["ix - mx.example.net"],
    }


def test_without_an_end(tmp_path: Path) -> None:
    frames = run(tmp_path, {"link_down": "mx.example.net", "at": "300s"}, sets=RATE)
    assert frames["faults"]["ended_at_s"].isna().all()
    assert frames["deliveries"]["ended_at_s"].max() < 301
    assert (frames["deliveries"]["fate"] == "queued").sum() > 500


def test_another_way_is_taken_where_there_is_one(tmp_path: Path) -> None:
    links = [
        {"between": "*", "latency": "10ms", "bandwidth": "100 Mbit/s"},
        {"between": ["mx1.example.org", "mx.example.net"], "latency": "300ms"},
    ]
    frames = run(tmp_path, {"link_down": LINK, "at": "300s"}, sets=RATE, links=links)
    assert set(frames["attempts"]["status"]) == {"sent"}
    relayed = frames["attempts"].query("host == 'mx1.example.org' and ended_at_s > 302")
    assert relayed["d_s"].min() > 1.2  # two flights there and back at least


@pytest.mark.parametrize("options", [7, ["a"], ["a", "b", "c"], ["a", "a"], ["a", 3], "", None])
def test_wrong_options(options: object) -> None:
    with pytest.raises(ValueError, match=r"expected \[host, host\] or the name of one, got"):
        LinkDown.from_options(options)
