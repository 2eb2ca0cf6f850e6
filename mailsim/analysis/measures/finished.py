"""When all is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis.measures import Measure, Sample, measure

from ._recipients import FILTERS, counted

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["Finished"]


@measure("finished")
class Finished(Measure):
    """The simulated second at which the last recipient's fate was sealed; never, if one is queued.

    Source: column ended_at_s of deliveries; the makespan of scheduling theory (R. L. Graham,
    "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17 (1969)).
    """

    filters = FILTERS

    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return that second; infinity if a fate is open, none if there is no recipient."""
        rows = counted(frames, filters)
        if rows.empty:
            return Sample(np.empty(0))
        is_open = (rows["fate"] == "queued").any()
        return Sample(np.array([np.inf if is_open else float(rows["ended_at_s"].max())]))
