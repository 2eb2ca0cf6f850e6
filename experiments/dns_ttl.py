"""The study of dns_ttl.yaml: three TTLs, and half an hour without the name server.

For each TTL: the share of MX lookups that miss the cache before the outage, beside the closed
form; and of the mail that falls due in the outage the share that is late, and its mean delay.
The records of all domains are asked for first in the first minutes, so those with a long TTL
expire together; how much of an outage the cache bridges depends on when it begins.  So the
figures are means over outages that begin every ten minutes of the second hour, and the worst of
them stands beside.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mailsim.analysis import duration_text
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.world import World

HERE = Path(__file__).parent
SERVER, RELAY = "ns.lists.example", "out.example.org"
TTLS_S = (60, 600, 3600)
STARTS_S = tuple(range(3600, 7200, 600))
OUTAGE_S = 1800
PER_S = 1 / 120
LATE_S = 60


class Outage(NamedTuple):
    """What came of one TTL and one outage: shares of all, and a time in seconds."""

    missed: float
    late: float
    delay_s: float


def outage(world: World, from_s: int) -> Generator[Any, Any, None]:
    """Let the name server be down for a while: a process beside those of the world."""
    server = world.name_servers[SERVER]
    yield world.env.timeout(from_s * SECOND)
    server.is_down = True
    yield world.env.timeout(OUTAGE_S * SECOND)
    server.is_down = False


def run(ttl_s: int, from_s: int, seed: int = 1) -> Outage:
    """Run the scenario once."""
    text = (HERE / "dns_ttl.yaml").read_text(encoding="utf-8")
    zone = yaml.safe_load(text)["zones"]["lists.example"].replace("$TTL 10m", f"$TTL {ttl_s}")
    scenario = load_scenario(HERE / "dns_ttl.yaml", [f"zones.lists.example={json.dumps(zone)}"])
    log = Log()
    world = build_world(scenario, seed, log)
    world.env.process(outage(world, from_s))
    world.env.run(until=scenario.duration)
    world.ledger.close(world.held())
    log.close()
    tables = log.tables()
    lookups = tables["lookups"].to_pandas()
    asked = lookups.query("host == @RELAY and type == 'MX' and at_s < @from_s")
    mail = tables["deliveries"].to_pandas()
    mail = mail.query("@from_s <= submitted_at_s < @from_s + @OUTAGE_S")
    missed = float((asked["answered_by"] != "cache").mean())
    late = float((~(mail["delay_s"] < LATE_S)).mean())  # what is still queued is late too
    return Outage(missed, late, float(mail["delay_s"].mean()))


def study(ttl_s: int) -> list[Outage]:
    """Run the scenario with one TTL and all outages."""
    return [run(ttl_s, from_s, seed) for seed, from_s in enumerate(STARTS_S, 1)]


def table(studies: dict[int, list[Outage]]) -> str:
    """Return what came of the TTLs as text."""
    names = "TTL", "lookups that miss", "by theory", "late in the outage", "worst start"
    lines = [
        f"| {' | '.join(names)} | mean delay there | worst start |",
        "|---|---|---|---|---|---|---|",
    ]
    for ttl_s, outages in studies.items():
        missed, late, delay_s = (
            sum(figures) / len(outages) for figures in zip(*outages, strict=True)
        )
        worst_late = max(outage.late for outage in outages)
        worst_s = max(outage.delay_s for outage in outages)
        shares = f"{missed:.1%} | {1 / (1 + PER_S * ttl_s):.1%} | {late:.1%} | {worst_late:.1%}"
        times = [duration_text(seconds) for seconds in (ttl_s, delay_s, worst_s)]
        lines.append(f"| {times[0]} | {shares} | {times[1]} | {times[2]} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table({ttl_s: study(ttl_s) for ttl_s in TTLS_S}))
