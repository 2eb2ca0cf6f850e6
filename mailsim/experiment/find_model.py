"""What a scenario says of a search: which value is wanted, where, and what it is to do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from mailsim.experiment.expect_model import Expected
from mailsim.experiment.keys import Count, Model
from mailsim.experiment.knob import Knob
from mailsim.experiment.quantities import Share

__all__ = ["Find"]


def _ends(value: object) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(f"expected two ends such as [1, 200], got {value!r}")
    Knob(value[0], value[1], step=1)
    return list(value)


_END = {"anyOf": [{"type": "number"}, {"type": "string"}]}
Ends = Annotated[
    list[Any],
    BeforeValidator(_ends),
    WithJsonSchema({"type": "array", "items": _END, "minItems": 2, "maxItems": 2}),
]
"""Lower and upper end."""


class Find(Model):
    """The inverse question: which value of a key makes the run do what is expected.

    Attributes
    ----------
    smallest
        Path of the key of which the smallest value is wanted, as in a sweep.
    largest
        Or of which the largest is.
    between
        The ends between which to look: whole numbers, or quantities such as 10ms and 2s.
    such_that
        What is expected, such as finished < 9h; it must hold for all values beyond the one wanted.
    step
        Of quantities and broken numbers: to which share of the distance of the ends it is found.
    repeat
        Replications of each value that is tried, to begin with; a single one is believed.
    max
        Replications at most, of values that are near the boundary.
    random_numbers
        As in a sweep.
    """

    smallest: str | None = None
    largest: str | None = None
    between: Ends
    such_that: Expected
    step: Share = 0.01
    repeat: Count = 5
    max: Count = 40
    random_numbers: Literal["common", "independent"] = "common"

    @model_validator(mode="after")
    def _one_of(self) -> Find:
        if (self.smallest is None) == (self.largest is None):
            raise ValueError("expected either smallest or largest")
        if not self.step:
            raise ValueError("expected a step of more than 0%")
        if self.max < self.repeat:
            raise ValueError(f"expected max of at least the {self.repeat} of repeat")
        return self

    @property
    def path(self) -> str:
        """Of the key."""
        return self.smallest or self.largest or ""

    @property
    def knob(self) -> Knob:
        """The values to choose from."""
        return Knob(self.between[0], self.between[1], self.step)

    @property
    def text(self) -> str:
        """What is asked for, for people."""
        which = "largest" if self.smallest is None else "smallest"
        low, high = self.between
        return f"the {which} {self.path} between {low} and {high} such that {self.such_that}"
