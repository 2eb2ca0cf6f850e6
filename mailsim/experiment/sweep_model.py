"""What a scenario says of a sweep: which values to try, and how often."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator

from mailsim.experiment.keys import Count, Model
from mailsim.experiment.quantities import Share

__all__ = ["Sweep", "Until"]


def _lists(value: object) -> dict[str, list[Any]]:
    if not isinstance(value, dict):
        raise ValueError(f"expected paths with lists of values, got {value!r}")
    for path, values in value.items():
        if not isinstance(values, (list, tuple)) or not values:
            raise ValueError(f"{path}: expected a list of values, got {values!r}")
    return {str(path): list(values) for path, values in value.items()}


Values = Annotated[
    dict[str, list[Any]],
    BeforeValidator(_lists),
    WithJsonSchema(
        {"type": "object", "additionalProperties": {"type": "array", "items": {}, "minItems": 1}}
    ),
]
"""Lists of values by path."""


def _conditions(value: object) -> list[str]:
    conditions = [value] if isinstance(value, str) else value
    if not isinstance(conditions, list) or not all(isinstance(one, str) for one in conditions):
        raise ValueError(f"expected conditions such as 'connections <= limit', got {value!r}")
    return conditions


Conditions = Annotated[
    list[str],
    BeforeValidator(_conditions),
    PlainSerializer(lambda value: value),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


def _measured(value: object) -> str:
    from mailsim.experiment.measured import checked_expression  # which needs the scenario's model

    return checked_expression(value)


Measured = Annotated[str, BeforeValidator(_measured), WithJsonSchema({"type": "string"})]
"""An expression such as ``p95(delay)``."""


class Until(Model):
    """When a point has been replicated often enough.

    Attributes
    ----------
    half_width
        Of the 95 % interval, relative to the mean: 5% is plus or minus 5 %.
    of
        Which measure's, such as p95(delay).
    max
        Replications at most.
    """

    half_width: Share
    of: Measured
    max: Count = 100

    @field_validator("half_width")
    @classmethod
    def _some(cls, value: float) -> float:
        if value <= 0:
            raise ValueError("expected more than 0%: no number of replications gives certainty")
        return value


class Sweep(Model):
    """Several runs of a scenario with other values, each repeated with other random numbers.

    Attributes
    ----------
    grid
        Values by path, every combination; a path may have wildcards.
    zip
        Values by path, taken in step.
    where
        Conditions that a point must meet: two swept paths, or one and a value, compared.
    repeat
        Replications of each point; with until, those to begin with.
    until
        Replicate further until a measure is known well enough.
    measures
        What to report besides the usual metrics, such as p95(delay, traffic=people).
    random_numbers
        common: each replication has the same at all points, so that differences are the points';
        independent: each point has its own.
    """

    grid: Values = Field(default_factory=dict)
    zip: Values = Field(default_factory=dict)
    where: Conditions = Field(default_factory=list)
    repeat: Count = 1
    until: Until | None = None
    measures: list[Measured] = Field(default_factory=list)
    random_numbers: Literal["common", "independent"] = "common"

    @property
    def expressions(self) -> list[str]:
        """Everything to measure besides the usual metrics."""
        own = [self.until.of] if self.until is not None else []
        return list(dict.fromkeys([*self.measures, *own]))

    @field_validator("zip")
    @classmethod
    def _in_step(cls, value: dict[str, list[Any]]) -> dict[str, list[Any]]:
        lengths = {path: len(values) for path, values in value.items()}
        if len(set(lengths.values())) > 1:
            counts = ", ".join(f"{n} of {path}" for path, n in lengths.items())
            raise ValueError(f"expected lists of one length, got {counts}")
        return value
