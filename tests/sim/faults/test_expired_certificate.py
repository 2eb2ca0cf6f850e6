"""A certificate out of date: clients refuse it and keep their mail, relays do not look."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import SCENARIO, run

from mailsim.sim.faults.expired_certificate import ExpiredCertificate

HOST = "mx1.example.org"
RATE = ("traffic.people.arrivals.poisson=30/min",)


@pytest.mark.parametrize("port", [587, 465])
def test_clients_wait_until_it_is_renewed(tmp_path: Path, port: int) -> None:
    hosts = {
        **SCENARIO["hosts"],
        "office.example.org": {"clients": {"submit_to": HOST, "port": port}},
        HOST: {**SCENARIO["hosts"][HOST], "listen": {25: {}, port: {}}},
    }
    fault = {"expired_certificate": HOST, "at": "300s", "for": "2min"}
    frames = run(tmp_path, fault, hosts=hosts, sets=RATE)
    mail, attempts = frames["deliveries"], frames["attempts"]
    waited = mail[mail["submitted_at_s"].between(300, 419)]
    assert waited["accepted_at_s"].between(420, 490).all()
    assert (waited["fate"] == "delivered").all()
    deferred = attempts[attempts["status"] == "deferred"]
    assert set(deferred["reply"]) == {"4.7.5 Cannot start TLS: certificate has expired"}
    assert set(deferred["host"]) == {"office.example.org"}
    assert not (mail["fate"] == "refused").any()


def test_relays_do_not_look(tmp_path: Path) -> None:
    frames = run(tmp_path, {"expired_certificate": "mx.example.net"}, sets=RATE)
    assert set(frames["attempts"]["status"]) == {"sent"}
    assert "starttls" in set(frames["sessions"].query("server == 'mx.example.net'")["tls"])


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="expected the name of a host, got"):
        ExpiredCertificate.from_options(["a"])
