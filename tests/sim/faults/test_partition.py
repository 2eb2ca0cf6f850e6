"""A network in two parts: in each mail goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import run

from mailsim.sim.faults.partition import Partition

RATE = ("traffic.people.arrivals.poisson=30/min",)


def test_mail_waits_on_its_side_and_comes_when_the_parts_are_joined(tmp_path: Path) -> None:
    frames = run(
        tmp_path, {"partition": ["mx.example.net"], "at": "300s", "for": "5min"}, sets=RATE
    )
    mail, during = frames["deliveries"], (302, 595)
    sent = mail[mail["submitted_at_s"].between(*during)]
    assert sent["accepted_at_s"].notna().all()  # on this side all goes on
    assert (sent["accepted_at_s"] - sent["submitted_at_s"]).max() < 1
    assert not mail["ended_at_s"].between(*during).any()
    assert sent["ended_at_s"].min() > 600
    assert (sent["fate"] == "delivered").mean() > 0.99


def test_within_a_part_all_goes_on(tmp_path: Path) -> None:
    everybody = ["office.example.org", "mx1.example.org", "mx.example.net", "ns.example.org", "ix"]
    frames = run(tmp_path, {"partition": everybody, "at": "300s"}, sets=RATE)
    assert frames["deliveries"]["delay_s"].max() < 1.4
    assert set(frames["attempts"]["status"]) == {"sent"}


@pytest.mark.parametrize("options", ["mx", [], {"mx": 1}, ["mx", 3], [""], None])
def test_wrong_options(options: object) -> None:
    with pytest.raises(ValueError, match="expected a list of hosts, those of one part, got"):
        Partition.from_options(options)
