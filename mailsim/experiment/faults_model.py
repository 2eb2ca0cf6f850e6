"""Faults in a scenario: what breaks, and when."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mailsim.experiment.quantities import Duration, PositiveDuration

__all__ = ["Fault"]


class Fault(BaseModel):
    """Something that breaks for a while: a fault by name with its options, and its times.

    Attributes
    ----------
    at
        When it begins, at the start of the run unless said; with mtbf from when on it may.
    for
        How long it lasts; to the end of the run unless said.
    every
        From one beginning to the next; once unless said.
    mtbf
        Instead of for and every: mean time between failures, in which all works; exponential.
    mttr
        Mean time to repair, with mtbf; exponential.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    at: Duration = 0
    lasts: PositiveDuration | None = Field(default=None, alias="for")
    every: PositiveDuration | None = None
    mtbf: PositiveDuration | None = None
    mttr: PositiveDuration | None = None

    @property
    def named(self) -> dict[str, Any]:
        """The keys that are no times: one, the name of the fault, with its options."""
        return self.model_extra or {}
