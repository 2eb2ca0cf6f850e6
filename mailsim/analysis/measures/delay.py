"""Delivery delay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailsim.analysis.measures import Measure, Sample, measure

from ._recipients import FILTERS, counted

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["Delay"]


@measure("delay")
class Delay(Measure):
    """From when a message fell due to its delivery, of the recipients that were delivered (s).

    Source: column delay_s of deliveries; the sum of Postfix's delays over all hops (qmgr(8)).
    """

    functions = ("mean", "min", "max", "std", "count", "quantile")
    filters = FILTERS

    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return a delay for each delivered recipient."""
        rows = counted(frames, filters)
        return Sample(rows.loc[rows["fate"] == "delivered", "delay_s"].to_numpy(dtype=float))
