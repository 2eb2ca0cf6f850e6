"""All cases: each is a scenario, how to measure it, and how long in the short and long form."""

from __future__ import annotations

from theory import (
    bulk,
    caches,
    connections,
    dialogues,
    diurnal,
    drain,
    filters,
    greylists,
    links,
    rates,
    retries,
    stations,
    transfers,
)

__all__ = ["STUDIES"]

STUDIES = (
    *stations.STUDIES,
    *connections.STUDIES,
    *diurnal.STUDIES,
    *links.STUDIES,
    *greylists.STUDIES,
    *retries.STUDIES,
    *drain.STUDIES,
    *filters.STUDIES,
    *rates.STUDIES,
    *bulk.STUDIES,
    *transfers.STUDIES,
    *dialogues.STUDIES,
    *caches.STUDIES,
)
