"""All cases: each is a scenario, how to measure it, and how long in the short and long form."""

from __future__ import annotations

from theory import (
    bulk,
    connections,
    dialogues,
    drain,
    greylists,
    links,
    retries,
    stations,
    transfers,
)

__all__ = ["STUDIES"]

STUDIES = (
    *stations.STUDIES,
    *connections.STUDIES,
    *links.STUDIES,
    *greylists.STUDIES,
    *retries.STUDIES,
    *drain.STUDIES,
    *bulk.STUDIES,
    *transfers.STUDIES,
    *dialogues.STUDIES,
)
