"""How much waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis.measures import Measure, Sample, measure

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["QueueDepth"]

_MAIL = ("outbox", "incoming", "active", "deferred")


@measure("queue_depth")
class QueueDepth(Measure):
    """Messages in the queues of a host, or of all hosts, together; each depth for its time.

    Without ``queue=`` those of mail: outbox, incoming, active, deferred.  ``queue=backlog:25``
    and ``queue=busy:25`` are connections that wait and worker slots at work.

    Source: table queues; the L of Little's law (J. D. C. Little, 1961).
    """

    unit = "messages"
    functions = ("mean", "min", "max", "std", "quantile")
    filters = ("host", "queue")

    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return the depths after the warm-up, each weighted by the seconds it held."""
        table = frames["queues"]
        if "host" in filters:
            table = table[table["host"] == filters["host"]]
        if "queue" in filters:
            table = table[table["queue"] == filters["queue"]]
        else:
            table = table[table["queue"].isin(_MAIL)]
        steps = table.groupby(["host", "queue"], observed=True)["depth"].diff()
        change = steps.fillna(table["depth"]).to_numpy(dtype=float)
        at_s = table["at_s"].to_numpy(dtype=float)
        order = np.argsort(at_s, kind="stable")
        from_s, to_s = frames.warmup_s, frames.simulated_s
        at_s, depth = at_s[order], np.cumsum(change[order])
        first, last = np.searchsorted(at_s, [from_s, to_s], side="right")
        before = depth[first - 1] if first else 0.0
        moments = np.concatenate(([from_s], at_s[first:last], [to_s]))
        held = np.diff(moments)
        values = np.concatenate(([before], depth[first:last]))
        return Sample(values[held > 0], held[held > 0])
