"""Crash and restart: the queue survives, connections do not, and some mail comes twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from broken import SCENARIO, run

from mailsim.analysis import unlawful_queues
from mailsim.sim.faults.host_down import HostDown

RATE = ("traffic.people.arrivals.poisson=30/min",)
SERVER, CLIENT = "mx.example.net", "mx1.example.org"
ONCE = {
    "hello": {
        "from": "alice@example.org",
        "to": "bob@example.net",
        "arrivals": {"once": "10s"},
    }
}


def hosts(service_time: str) -> dict[str, Any]:
    return {**SCENARIO["hosts"], SERVER: {"service_time": service_time}}


def test_nothing_is_lost_on_any_of_the_machines(tmp_path: Path) -> None:
    """The run itself checks that recipients are conserved; here, that most still arrive."""
    names = ("ix", SERVER, CLIENT, "office.example.org", "ns.example.org")
    faults = [{"host_down": name, "mtbf": "20s", "mttr": "3s"} for name in names]
    frames = run(tmp_path, *faults, sets=RATE)
    fates = frames["deliveries"]["fate"].value_counts()
    assert set(fates.index) <= {"delivered", "queued"}
    assert fates["delivered"] > 700
    assert fates.get("queued", 0) < 60
    assert set(frames["duplicates"]["fate"]) == {"delivered"}
    assert 0 < len(frames["duplicates"]) < 100
    assert unlawful_queues(frames).empty


@pytest.mark.row("T-02")
def test_a_reply_lost_in_a_crash_means_two_copies(tmp_path: Path) -> None:
    """The server has stored the message; 5 ms later, before the reply is there, it dies."""
    quiet = run(tmp_path, traffic=ONCE, hosts=hosts("1s"))
    stored_s = float(quiet["deliveries"]["ended_at_s"].iloc[0])
    fault = {"host_down": SERVER, "at": f"{stored_s + 0.005:.6f}s", "for": "20s"}
    frames = run(tmp_path, fault, traffic=ONCE, hosts=hosts("1s"))
    assert frames["deliveries"]["ended_at_s"].tolist() == [pytest.approx(stored_s)]
    (copy,) = frames["duplicates"].to_dict("records")
    assert (copy["message"], copy["recipient"], copy["host"]) == (1, "bob@example.net", SERVER)
    # Nothing is left to be sent again: the client waits for the 10 minutes of RFC 5321 4.5.3.2.6.
    attempts = frames["attempts"].query("host == @CLIENT")
    assert attempts["status"].tolist() == ["deferred", "sent"]
    assert 600 < attempts["d_s"].iloc[0] < 602
    assert attempts["reply"].iloc[0].endswith("end of data -- message may be sent more than once")
    assert frames["deliveries"]["fate"].tolist() == ["delivered"]


@pytest.mark.row("T-02")
def test_a_message_not_stored_comes_once(tmp_path: Path) -> None:
    quiet = run(tmp_path, traffic=ONCE, hosts=hosts("1s"))
    stored_s = float(quiet["deliveries"]["ended_at_s"].iloc[0])
    fault = {"host_down": SERVER, "at": f"{stored_s - 0.5:.6f}s", "for": "20s"}
    frames = run(tmp_path, fault, traffic=ONCE, hosts=hosts("1s"))
    assert frames["deliveries"]["fate"].tolist() == ["delivered"]
    assert frames["deliveries"]["ended_at_s"].iloc[0] > 600
    assert len(frames["duplicates"]) == 0


@pytest.mark.row("T-08")
def test_rst_after_the_restart(tmp_path: Path) -> None:
    """A command that a server never got is sent again, and a new boot knows nothing of it."""
    quiet = run(tmp_path, traffic=ONCE, hosts=hosts("1s"))
    began_s = float(quiet["sessions"].query("server == @SERVER")["opened_at_s"].iloc[0])
    # The greeting is there after two round trips of 40 ms; EHLO is on its way until 100 ms.
    fault = {"host_down": SERVER, "at": f"{began_s + 0.09:.6f}s", "for": "500ms"}
    frames = run(tmp_path, fault, traffic=ONCE, hosts=hosts("1s"))
    first = frames["attempts"].query("host == @CLIENT").iloc[0]
    name = "mx.example.net[198.51.100.25]"
    assert (
        first["reply"] == f"4.4.2 lost connection with {name} while performing the EHLO handshake"
    )
    assert (first["status"], first["enhanced"]) == ("deferred", "4.4.2")
    assert first["ended_at_s"] - began_s == pytest.approx(1.12, abs=0.001)  # RTO, there and back
    cut = frames["sessions"].query("server == @SERVER").iloc[0]
    assert cut["released_at_s"] == pytest.approx(began_s + 0.09)  # whenever the client hears of it


@pytest.mark.row("T-02")
def test_the_queue_survives_the_crash_of_a_relay(tmp_path: Path) -> None:
    """Down from before the message leaves until after: it is sent at the restart, once."""
    fault = {"host_down": CLIENT, "at": "300s", "for": "60s"}
    cut = {"link_down": SERVER, "at": "200s", "for": "155s"}
    frames = run(tmp_path, fault, cut, sets=RATE)
    mail = frames["deliveries"]
    waited = mail[mail["submitted_at_s"].between(200, 299)]
    assert len(waited) > 30
    assert (waited["fate"] == "delivered").all()
    assert waited["ended_at_s"].min() > 360
    depth = frames["queues"].query("host == @CLIENT and queue == 'busy:25'")
    assert depth.empty
    again = mail[mail["submitted_at_s"].between(301, 359)]
    assert again["accepted_at_s"].min() > 360  # people try again, a minute after each time-out


def test_clients_come_back_with_all_they_had(tmp_path: Path) -> None:
    bulk = {
        "news": {
            "from": "news@example.org",
            "to": "example.net",
            "bulk": {"recipients": 500, "start": "10s"},
        },
        **SCENARIO["traffic"],
    }
    fault = {"host_down": "office.example.org", "at": "11s", "for": "30s"}
    frames = run(tmp_path, fault, traffic=bulk, sets=("duration=5min",))
    mail = frames["deliveries"]
    assert (mail.query("traffic == 'news'")["fate"] == "delivered").all()
    assert len(mail.query("traffic == 'news'")) == 500
    down = mail.query("traffic == 'people' and 12 < submitted_at_s < 41")
    assert len(down) > 20
    assert down["accepted_at_s"].between(41, 43).all()


def test_slots_and_backlog_die_with_the_server(tmp_path: Path) -> None:
    crowd = {**SCENARIO["hosts"][CLIENT], "service_time": "5s"}
    crowd["postfix"] = {**crowd["postfix"], "default_process_limit": 2}
    fault = {"host_down": CLIENT, "at": "60s", "for": "10s"}
    frames = run(
        tmp_path,
        fault,
        hosts={**SCENARIO["hosts"], CLIENT: crowd},
        sets=("duration=10min", *RATE),
    )
    queues = frames["queues"].query("host == @CLIENT and at_s == 60")
    assert sorted(queues["queue"]) == ["backlog:587", "busy:587"]
    assert set(queues["depth"]) == {0}
    text = frames["sessions"]["outcome"]
    assert text.str.contains("while receiving the initial server greeting").sum() > 5
    assert frames["queues"].query("queue == 'busy:587'")["depth"].max() == 2


def test_two_faults_on_one_machine(tmp_path: Path) -> None:
    """It is up when all is over that brought it down."""
    faults = [
        {"host_down": SERVER, "at": "100s", "for": "100s"},
        {"host_down": SERVER, "at": "150s", "for": "150s"},
    ]
    frames = run(tmp_path, *faults, sets=RATE)
    assert not frames["deliveries"]["ended_at_s"].between(100.1, 300).any()
    assert (frames["deliveries"]["fate"] == "delivered").mean() > 0.99


@pytest.mark.parametrize("options", [3, "", None, ["mx"], {"host": "mx"}])
def test_wrong_options(options: object) -> None:
    with pytest.raises(ValueError, match="expected the name of a host, got"):
        HostDown.from_options(options)
