"""Deliveries per second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis.measures import Measure, Sample, measure

from ._recipients import FILTERS, narrowed

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["Throughput"]


@measure("throughput")
class Throughput(Measure):
    """Recipients delivered per second of the run after its warm-up, whenever they fell due.

    Source: table deliveries; the throughput of Little's law (J. D. C. Little, 1961).
    """

    unit = "recipients/s"
    filters = FILTERS

    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return one rate."""
        rows = narrowed(frames["deliveries"], filters)
        if "traffic" not in filters:
            rows = rows[rows["traffic"] != "report"]
        at_s = rows["ended_at_s"]
        in_window = (at_s >= frames.warmup_s) & (at_s <= frames.simulated_s)
        arrived = (rows["fate"] == "delivered") & in_window
        window_s = frames.simulated_s - frames.warmup_s
        return Sample(np.array([arrived.sum() / window_s]) if window_s > 0 else np.empty(0))
