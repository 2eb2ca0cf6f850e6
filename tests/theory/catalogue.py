"""All cases: each is a scenario, how to measure it, and how long in the short and long form."""

from __future__ import annotations

from theory import connections, links, stations

__all__ = ["STUDIES"]

STUDIES = (*stations.STUDIES, *connections.STUDIES, *links.STUDIES)
