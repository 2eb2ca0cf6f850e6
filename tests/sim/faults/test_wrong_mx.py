"""A wrong MX: mail goes to the wrong host and comes back, until caches have forgotten it."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import SCENARIO, run

from mailsim.sim.faults.wrong_mx import WrongMx

RATE = ("traffic.people.arrivals.poisson=30/min",)
OTHER = "other.example.org"


def test_it_is_believed_for_its_ttl(tmp_path: Path) -> None:
    zones = {
        **SCENARIO["zones"],
        "example.org": SCENARIO["zones"]["example.org"] + "other 3600 IN A 192.0.2.77\n",
    }
    hosts = {**SCENARIO["hosts"], OTHER: {"listen": {25: {}}}}
    fault = {"wrong_mx": {"domain": "example.net", "to": OTHER}, "at": "590s", "for": "5min"}
    frames = run(tmp_path, fault, zones=zones, hosts=hosts, sets=RATE)
    mail = frames["deliveries"].query("traffic == 'people'")
    bounced = mail[mail["fate"] == "bounced"]
    assert len(bounced) > 50
    assert bounced["reply"].str.startswith("554 5.7.1").all()
    # The cache of 300 s is renewed at some time within the fault, and believed 300 s longer.
    first, last = bounced["ended_at_s"].min(), bounced["ended_at_s"].max()
    assert 590 < first < 891
    assert first + 280 < last < first + 301
    good = mail[(mail["ended_at_s"] < first) | (mail["ended_at_s"] > last)]
    assert set(good["fate"]) == {"delivered"}
    assert len(frames["deliveries"].query("traffic == 'report'")) == len(bounced)


@pytest.mark.parametrize("options", ["mx", {}, {"domain": "example.net"}, {"to": OTHER}])
def test_wrong_options(options: object) -> None:
    with pytest.raises(ValueError, match=r"expected \{domain"):
        WrongMx.from_options(options)
