"""All cases: each is a scenario, how to measure it, and how long in the short and long form."""

from __future__ import annotations

from time import process_time

from theory import (
    bulk,
    caches,
    connections,
    crowds,
    dialogues,
    diurnal,
    drain,
    filters,
    greylists,
    hops,
    links,
    rates,
    retries,
    stations,
    transfers,
)
from theory.judge import Finding, judge

__all__ = ["BY_NAME", "FAMILIES", "STUDIES", "judged"]

FAMILIES = {
    "Waiting lines": stations.STUDIES,
    "Other arrivals": crowds.STUDIES,
    "Several hops or attempts": hops.STUDIES,
    "Open connections": (*connections.STUDIES, *diurnal.STUDIES),
    "Shared links": links.STUDIES,
    "TCP": transfers.STUDIES,
    "Round trips": dialogues.STUDIES,
    "Names": caches.STUDIES,
    "Greylists": greylists.STUDIES,
    "Retries": retries.STUDIES,
    "Outages": drain.STUDIES,
    "Token buckets": rates.STUDIES,
    "Many messages for one destination": bulk.STUDIES,
    "Filters": filters.STUDIES,
}
STUDIES = tuple(study for studies in FAMILIES.values() for study in studies)
BY_NAME = {study.case: study for study in STUDIES}


def judged(name: str) -> tuple[str, list[Finding], float]:
    """Judge a case at full length; return it with the time that took of a processor (s)."""
    began_s = process_time()
    return name, judge(BY_NAME[name], BY_NAME[name].long), process_time() - began_s
