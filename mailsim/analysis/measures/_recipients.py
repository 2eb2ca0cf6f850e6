"""The recipients that count: those of mail that fell due after the warm-up, reports left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from mailsim.analysis.measures import Measure, Sample

if TYPE_CHECKING:
    import pandas as pd

    from mailsim.analysis.frames import Frames

__all__ = ["FILTERS", "Fate", "counted", "narrowed"]

FILTERS = ("traffic", "to_domain", "sender", "recipient", "host")
"""Columns of ``deliveries`` that a measure of recipients can be narrowed by."""


def counted(frames: Frames, filters: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of ``deliveries`` that count."""
    rows = narrowed(frames["deliveries"], filters)
    if "traffic" not in filters:
        rows = rows[rows["traffic"] != "report"]
    return rows[rows["submitted_at_s"] >= frames.warmup_s]


def narrowed(rows: pd.DataFrame, filters: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows that have the values asked for."""
    for column, wanted in filters.items():
        rows = rows[rows[column] == wanted]
    return rows


class Fate(Measure):
    """What became of recipients: ``rate`` is their share, ``count`` their number."""

    unit = ""
    functions = ("rate", "count")
    filters = FILTERS
    fate: ClassVar[str]

    def sample(self, frames: Frames, filters: Mapping[str, str]) -> Sample:
        """Return 1 for each recipient with this fate, 0 for each other."""
        fates = counted(frames, filters)["fate"]
        return Sample((fates == self.fate).to_numpy(dtype=np.float64))
