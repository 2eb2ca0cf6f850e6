"""A link that loses packets for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from broken import run

from mailsim.sim.faults import faults
from mailsim.sim.faults.loss_burst import LossBurst
from mailsim.sim.network import Network

BETWEEN = ["ix", "mx.example.net"]
RATE = ("traffic.people.arrivals.poisson=30/min", "duration=15min")


def test_mail_is_late_while_packets_are_lost(tmp_path: Path) -> None:
    options = {"between": BETWEEN, "loss": "20%"}
    frames = run(tmp_path, {"loss_burst": options, "at": "300s", "for": "300s"}, sets=RATE)
    mail = frames["deliveries"].query("fate == 'delivered'")
    during = mail[mail["submitted_at_s"].between(300, 590)]
    outside = mail[(mail["submitted_at_s"] < 298) | (mail["submitted_at_s"] > 650)]
    # The SYN or its answers alone are lost with 1 - 0.8 ** 3 = 49 %, which costs a second.
    assert (during["delay_s"] > 1.4).mean() > 0.4
    assert outside["delay_s"].max() < 1.4


def test_bursts_that_overlap_take_from_what_the_others_leave() -> None:
    import networkx as nx

    from mailsim.sim.link_changes import LinkChanges

    graph = nx.Graph()
    graph.add_edge("a", "b", latency_ns=1, bandwidth_bit_s=0, loss=0.5)
    network = Network(graph)
    changes = LinkChanges(network)
    first, second = (
        faults.get("loss_burst").from_options({"between": ["a", "b"], "loss": loss})
        for loss in ("50%", "10%")
    )
    links = [("b", "a")]
    changes.lay(links, "loss", first._change)  # type: ignore[attr-defined]
    changes.lay(links, "loss", second._change)  # type: ignore[attr-defined]
    assert network.figures("a", "b")["loss"] == pytest.approx(1 - 0.5 * 0.5 * 0.9)
    changes.lift(links, "loss", first._change)  # type: ignore[attr-defined]
    assert network.figures("a", "b")["loss"] == pytest.approx(1 - 0.5 * 0.9)
    changes.lift(links, "loss", second._change)  # type: ignore[attr-defined]
    assert network.figures("a", "b")["loss"] == 0.5


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("mx", "expected {between"),
        ({"between": BETWEEN}, "expected {between"),
        ({"between": BETWEEN, "loss": "100%"}, "loss: expected a share above 0% and below 100%"),
        ({"between": BETWEEN, "loss": "0%"}, "loss: expected a share above 0%"),
        ({"between": BETWEEN, "loss": 0.1}, "loss: expected a share"),
    ],
)
def test_wrong_options(options: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        LossBurst.from_options(options)
