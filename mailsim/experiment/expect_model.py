"""What a scenario says of its outcome: expectations, such as ``p95(delay) < 90s``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

__all__ = ["Expectations", "Expected"]


def _checked(value: object) -> str:
    from mailsim.experiment.measured import checked_expectation  # which needs the scenario's model

    return checked_expectation(value)


Expected = Annotated[str, BeforeValidator(_checked), WithJsonSchema({"type": "string"})]
"""One expectation."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Expectations = Annotated[
    list[Expected],
    BeforeValidator(_listed),
    PlainSerializer(lambda value: value),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""Several, or one."""
