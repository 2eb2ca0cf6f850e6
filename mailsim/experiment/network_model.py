"""The network in a scenario: a shape, and the figures of its links."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from mailsim.experiment.keys import Flag, Model
from mailsim.experiment.quantities import Bandwidth, Duration, Loss

__all__ = ["GIVEN", "Link", "Network"]

GIVEN = {"topology": "networkx"}
"""What stands for a graph given from Python."""


class Network(BaseModel):
    """The shape of the network: a topology by name with its options, or a file.

    Attributes
    ----------
    topology
        Name of a topology, or a class of one's own, ``module:Class``; its options are further
        keys here.
    file
        GraphML, GML or adjacency lists, relative to the scenario.
    center
        Of a star: name of the node in the middle.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    topology: str | None = None
    file: str | None = None
    center: str | None = None


class Link(Model):
    """Figures of links: of all that have none of their own (``*``), or of one.

    Attributes
    ----------
    between
        Two hosts or nodes, or ``*``.
    latency
        One way.
    bandwidth
        Each way, or unlimited.
    jitter
        By how much a flight's latency may be more or less, uniformly.
    loss
        Share of the packets that do not arrive.
    shared
        Whether those who use it at a time share its bandwidth; else each has it for itself.
    """

    between: Any = Field(
        json_schema_extra={
            "anyOf": [
                {"const": "*"},
                {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
            ]
        }
    )
    latency: Duration | None = None
    bandwidth: Bandwidth | None = None
    jitter: Duration | None = None
    loss: Loss | None = None
    shared: Flag | None = None

    @field_validator("between")
    @classmethod
    def _pair(cls, value: object) -> object:
        is_pair = (
            isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)
        )
        if value != "*" and not (is_pair and value[0] != value[1]):  # type: ignore[index]
            raise ValueError(f'expected "*" or [host, host], got {value!r}')
        return value
