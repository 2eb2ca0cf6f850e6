"""What a scenario says of a sweep: which values to try, and how often."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator

from mailsim.experiment.keys import Count, Model

__all__ = ["Sweep"]


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
        Replications of each point.
    random_numbers
        common: each replication has the same at all points, so that differences are the points';
        independent: each point has its own.
    """

    grid: Values = Field(default_factory=dict)
    zip: Values = Field(default_factory=dict)
    where: Conditions = Field(default_factory=list)
    repeat: Count = 1
    random_numbers: Literal["common", "independent"] = "common"

    @field_validator("zip")
    @classmethod
    def _in_step(cls, value: dict[str, list[Any]]) -> dict[str, list[Any]]:
        lengths = {path: len(values) for path, values in value.items()}
        if len(set(lengths.values())) > 1:
            counts = ", ".join(f"{n} of {path}" for path, n in lengths.items())
            raise ValueError(f"expected lists of one length, got {counts}")
        return value
