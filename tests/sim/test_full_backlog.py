"""A server whose backlog is full drops the SYN: the client knocks again, or gives up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.results import Run

MX = "mx.example.net"
SCENARIO: dict[str, Any] = {
    "mailsim": 1,
    "duration": "10min",
    "zones": {
        "example.net": "@ MX 10 mx\nmx A 198.51.100.1\n",
        "example.org": "out A 192.0.2.25\n",
    },
    "hosts": {
        "office.example.org": {"clients": {"submit_to": MX, "port": 25, "tls": "none"}},
        MX: {
            "listen": {25: {"tls": "none"}},
            "postfix": {"default_process_limit": 1},
            "backlog": 0,
            "when_full": "drop",
            "service_time": "2s",
        },
        "ns.example.org": {"dns": ["example.net", "example.org"]},
    },
    "network": {"topology": "star", "center": "ix"},
    "links": [{"between": "*", "latency": "5ms"}],
    "traffic": {
        name: {"from": f"{name}@example.org", "to": "bob@example.net", "arrivals": {"once": at}}
        for name, at in (("first", "0s"), ("second", "500ms"), ("third", "600ms"))
    },
}
FAULT = "faults=[{link_down: [office.example.org, ix], at: 9min, for: 1s}]"
JITTER = "links.0.jitter=1ms"


LOSS = "links.0.loss=20%"


def run(directory: Path, *sets: str, hosts: dict[str, Any] | None = None) -> Run:
    data = SCENARIO | {"hosts": hosts or SCENARIO["hosts"]}
    path = directory / "full.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, width=200), encoding="utf-8")
    result = ms.load(path, *sets).run()
    wire = ms.load(path, *sets, "fidelity=wire").run()
    for name in ("deliveries", "attempts", "sessions", "queues"):
        pd.testing.assert_frame_equal(getattr(result, name), getattr(wire, name))
    return result


def waits(result: Run) -> list[float]:
    """Return the time from SYN until the server knew the connection."""
    sessions = result.sessions.sort_values("opened_at_s")
    return [round(s, 2) for s in sessions["arrived_at_s"] - sessions["opened_at_s"]]


@pytest.mark.parametrize("sets", [(), (FAULT,), (JITTER,)], ids=["plain", "exposed", "jitter"])
def test_the_syn_goes_again_after_1_3_and_7_s(tmp_path: Path, sets: tuple[str, ...]) -> None:
    """Round trips are 20 ms; the first has the slot for 2.1 s, the second comes again at 3.5 s."""
    result = run(tmp_path, *sets)
    assert waits(result) == pytest.approx([0.03, 3.03, 7.03], abs=0.012 if sets == (JITTER,) else 0)
    assert set(result.deliveries["fate"]) == {"delivered"}
    assert (result.sessions["wait_s"] == 0).all()


def test_syns_may_be_lost_besides(tmp_path: Path) -> None:
    """Some go again as nobody got them, some as nobody had room."""
    crowd = "traffic.first.arrivals={every: 1s}"
    result = run(tmp_path, LOSS, crowd, "duration=3min", f"hosts.{MX}.service_time=300ms")
    assert len(set(waits(result))) > 5
    assert (result.sessions["accepted_at_s"] >= result.sessions["arrived_at_s"]).all()


def test_room_may_be_in_the_backlog(tmp_path: Path) -> None:
    """The second waits there at once; the third finds it full, and 1 s later too."""
    result = run(tmp_path, f"hosts.{MX}.backlog=1")
    assert waits(result) == [0.03, 0.03, 3.03]
    assert list(result.sessions["wait_s"].round(1)) == [0, 1.6, 0.6]


def test_people_are_told_after_127_s(tmp_path: Path) -> None:
    result = run(tmp_path, f"hosts.{MX}.service_time=5min")
    lost = result.deliveries[result.deliveries["fate"] == "refused"]
    delay_s = lost["ended_at_s"] - lost["submitted_at_s"]
    assert list(delay_s.round(3)) == [127, 127]
    assert (
        lost["reply"].str.endswith(f"connect to {MX}[198.51.100.1]:25: Connection timed out").all()
    )
    assert len(result.sessions) == 1


def test_a_relay_waits_for_its_own_time(tmp_path: Path) -> None:
    """It gives up after 2 s, before the third SYN, and comes again after 10 s."""
    out = {
        "policies": [{"relay_control": {"from": ["office.example.org"]}}],
        "postfix": {"smtp_connect_timeout": "2s", "minimal_backoff_time": "10s"},
    }
    hosts = {
        **SCENARIO["hosts"],
        "office.example.org": {"clients": {"submit_to": "out.example.org", "port": 25}},
        "out.example.org": {**out, "retry": {"first": "10s"}},
    }
    result = run(tmp_path, "traffic.third.arrivals.once=9min", hosts=hosts)
    attempts = result.attempts[result.attempts["host"] == "out.example.org"]
    assert list(attempts["status"]) == ["sent", "deferred", "sent", "sent"]
    why = attempts["reply"].iloc[1]
    assert why == f"4.4.1 connect to {MX}[198.51.100.1]:25: Connection timed out"
    assert attempts["session"].isna().tolist() == [False, True, False, False]


def test_one_that_is_never_full_drops_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="when_full: no effect, as the backlog is unlimited"):
        run(tmp_path, f"hosts.{MX}.backlog=unlimited")


def test_without_it_they_get_421(tmp_path: Path) -> None:
    result = run(tmp_path, f"hosts.{MX}.when_full=reply")
    assert list(result.deliveries["fate"]).count("refused") == 2
    assert waits(result) == [0.03] * 3
