"""Recipients that were put off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis.measures import Measure, Sample, measure

from ._recipients import FILTERS, counted

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["Deferred"]


@measure("deferred")
class Deferred(Measure):
    """Whether a hop could not serve a recipient at its first attempt, whatever became of it.

    Source: table attempts; a reply of 4yz puts off (RFC 5321 section 4.2.1).
    """

    unit = ""
    functions = ("rate", "count")
    filters = FILTERS

    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return 1 for each recipient that was put off, 0 for each other."""
        from mailsim.analysis.summary import deferred_recipients

        rows = counted(frames, filters)
        n = len(deferred_recipients(frames["attempts"], rows))
        return Sample(np.repeat([1.0, 0.0], [n, len(rows) - n]))
