"""Connections of which one end is gone without a word: how long the other waits, and for what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken import SCENARIO, run

from mailsim.mta.settings import Settings
from mailsim.sim.waits import WAITS, waits_of

SERVER, CLIENT = "mx.example.net", "mx1.example.org"
ONCE = {"from": "alice@example.org", "to": "bob@example.net", "arrivals": {"once": "10s"}}
PATIENCE = {
    "smtp_connect_timeout": "9s",
    "smtp_helo_timeout": "11s",
    "smtp_starttls_timeout": "12s",
    "smtp_mail_timeout": "13s",
    "smtp_data_init_timeout": "15s",
    "smtp_data_done_timeout": "17s",
    "smtp_pipelining": False,
}


def hosts(**postfix: Any) -> dict[str, Any]:
    client = dict(SCENARIO["hosts"][CLIENT])
    client["postfix"] = {**client["postfix"], **PATIENCE, **postfix}
    server = {"service_time": "1s", "postfix": {"smtpd_timeout": "50s"}}
    return {**SCENARIO["hosts"], CLIENT: client, SERVER: server}


def opened_s(path: Path, traffic: dict[str, Any], **postfix: Any) -> float:
    frames = run(path, traffic=traffic, hosts=hosts(**postfix))
    return float(frames["sessions"].query("server == @SERVER")["opened_at_s"].iloc[0])


@pytest.mark.parametrize(
    ("after_ms", "level", "sent_ms", "waits_s", "doing"),
    [
        # One way takes 20 ms.  The client has the SYN-ACK after 40 ms, the greeting after 80.
        (50, "none", 40, 11, "receiving the initial server greeting"),
        (90, "none", 80, 11, "performing the EHLO handshake"),
        (130, "none", 120, 13, "sending MAIL FROM"),
        (210, "none", 200, 15, "sending DATA command"),
        (250, "none", 240, 17, "sending end of data -- message may be sent more than once"),
        (130, "may", 120, 12, "performing the TLS handshake"),
    ],
)
@pytest.mark.row("T-01")
def test_a_server_that_has_crashed_is_waited_for(
    tmp_path: Path, after_ms: int, level: str, sent_ms: int, waits_s: int, doing: str
) -> None:
    """It never comes back, so nobody answers, not even with RST."""
    traffic = {"hello": ONCE}
    began_s = opened_s(tmp_path, traffic, smtp_tls_security_level=level)
    fault = {"host_down": SERVER, "at": f"{began_s + after_ms / 1000:.6f}s"}
    frames = run(tmp_path, fault, traffic=traffic, hosts=hosts(smtp_tls_security_level=level))
    first = frames["attempts"].query("host == @CLIENT").iloc[0]
    name = "mx.example.net[198.51.100.25]"
    assert first["reply"] == f"4.4.2 conversation with {name} timed out while {doing}"
    waited_s = first["ended_at_s"] - began_s - sent_ms / 1000
    assert waited_s == pytest.approx(waits_s + 0.02, abs=0.021)  # from the last octet's arrival
    session = frames["sessions"].query("server == @SERVER").iloc[0]
    ends_s = [round(session[end] - began_s, 6) for end in ("arrived_at_s", "released_at_s")]
    if after_ms < 60:  # the client is connected, and the server never is
        assert np.isnan(ends_s).all()
    else:
        assert ends_s == [0.06, after_ms / 1000]
    second = frames["attempts"].query("host == @CLIENT").iloc[1]
    assert second["reply"].endswith("Connection timed out")
    assert second["c_s"] == pytest.approx(9, abs=0.1)


def test_a_kept_connection_may_be_half_open(tmp_path: Path) -> None:
    """RSET gets no answer; then another connection is tried, and times out as well."""
    traffic = {
        "one": ONCE,
        "two": {**ONCE, "arrivals": {"once": "10050ms"}},
        "three": {**ONCE, "arrivals": {"once": "10060ms"}},
    }
    limit = {"default_destination_concurrency_limit": 1, "smtp_rset_timeout": "7s"}
    began_s = opened_s(tmp_path, traffic, smtp_tls_security_level="none", **limit)
    # The first message is over 1.28 s after its SYN; RSET leaves at once.
    fault = {"host_down": SERVER, "at": f"{began_s + 1.29:.6f}s"}
    known = hosts(smtp_tls_security_level="none", **limit)
    frames = run(tmp_path, fault, traffic=traffic, hosts=known)
    sessions = frames["sessions"].query("server == @SERVER")
    text = "conversation with mx.example.net[198.51.100.25] timed out while sending RSET"
    assert sessions["outcome"].iloc[0].endswith(text)
    second = frames["attempts"].query("host == @CLIENT").iloc[1]
    assert second["reply"].endswith("Connection timed out")
    assert second["ended_at_s"] - began_s == pytest.approx(1.28 + 7.02 + 9, abs=0.05)


def test_a_client_that_has_crashed_holds_its_slot(tmp_path: Path) -> None:
    """Until ``smtpd_timeout`` after the server last heard or said something."""
    traffic = {"hello": ONCE}
    began_s = opened_s(tmp_path, traffic, smtp_tls_security_level="none")
    fault = {"host_down": CLIENT, "at": f"{began_s + 0.07:.6f}s"}
    known = hosts(smtp_tls_security_level="none")
    frames = run(tmp_path, fault, traffic=traffic, hosts=known)
    (session,) = frames["sessions"].query("server == @SERVER").to_dict("records")
    assert session["released_at_s"] - began_s == pytest.approx(0.06 + 50, abs=0.021)
    assert frames["queues"].query("host == @SERVER and queue == 'busy:25'")["depth"].tolist() == [
        1,
        0,
    ]


@pytest.mark.row("T-01")
def test_rfc_5321_is_the_least_that_clients_wait() -> None:
    minima_s = {"": 300, "MAIL": 300, "RCPT": 300, "DATA": 120, "BDAT": 180, "CONTENT": 600}
    for waits in (WAITS, waits_of(Settings())):
        assert {verb: waits[verb] / 1e9 for verb in minima_s} == minima_s
