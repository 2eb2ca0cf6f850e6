"""Mail while the name servers do not answer: it waits, and goes on when they do again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"
TRAFFIC = "traffic.hello.arrivals={every: 2s}"
SERVER = "ns.example.org"


def run(fidelity: str, down_s: tuple[int, int], duration_s: int = 900) -> dict[str, pd.DataFrame]:
    """Run with the name server down for a while; return the tables."""
    sets = [TRAFFIC, f"fidelity={fidelity}", f"duration={duration_s}s", "record.events=false"]
    log = Log()
    world = build_world(load_scenario(FIRST, sets), 1, log)
    server = world.name_servers[SERVER]
    for is_down, at_s in zip((True, False), down_s, strict=True):
        if at_s:
            world.env.run(until=at_s * SECOND)
        server.is_down = is_down
    world.env.run(until=duration_s * SECOND)
    world.ledger.close(world.held())
    log.close()
    return {name: table.to_pandas() for name, table in log.tables().items()}


@pytest.mark.parametrize("fidelity", ["flights", "wire"])
@pytest.mark.row("R-01")
def test_mail_waits_for_the_name_server(fidelity: str) -> None:
    """The records of example.net live 300 s, known from the first mail: then an outage begins."""
    tables = run(fidelity, (250, 400))
    attempts = tables["attempts"]
    failed = attempts[attempts["status"] == "deferred"]
    assert set(failed["host"]) == {"relay.example.org"}, "the others know for an hour"
    assert failed["ended_at_s"].between(300, 410).all()
    assert set(failed["enhanced"]) == {"4.4.3"}
    assert failed["reply"].str.contains("name=example.net type=MX|name=mx.example.net type=A").all()
    assert failed["code"].isna().all()
    # Two attempts of 5 s; who comes meanwhile waits for the same answer.
    assert failed["c_s"].max() == pytest.approx(10, abs=0.01)
    fates = tables["deliveries"].set_index("submitted_at_s")["fate"]
    assert set(fates.loc[:500]) == {"delivered"}
    rows = tables["lookups"].query("status == 'SERVFAIL'")
    assert set(rows["answered_by"]) == {"none", "cache"}


def test_a_client_that_cannot_find_its_server_is_told_to_try_again() -> None:
    tables = run("flights", (0, 50), 51)
    attempts = tables["attempts"]
    refused = attempts[attempts["status"] == "refused"]
    assert set(refused["enhanced"]) == {"4.4.3"}
    assert len(refused) > 10
    assert set(tables["deliveries"]["fate"]) == {"refused", "queued"}
