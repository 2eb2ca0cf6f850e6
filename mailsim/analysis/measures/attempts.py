"""Delivery attempts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailsim.analysis.measures import Measure, Sample, measure

from ._recipients import FILTERS, counted

if TYPE_CHECKING:
    from mailsim.analysis.frames import Frames

__all__ = ["Attempts"]


@measure("attempts")
class Attempts(Measure):
    """Delivery attempts that servers made for a recipient, all hops together.

    Source: column attempts of deliveries; what an attempt is says RFC 5321 section 4.5.4.1.
    """

    unit = "attempts"
    functions = ("mean", "min", "max", "std", "sum", "quantile")
    filters = FILTERS

    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return a number for each recipient."""
        return Sample(counted(frames, filters)["attempts"].to_numpy(dtype=float))
