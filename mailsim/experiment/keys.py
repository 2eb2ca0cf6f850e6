"""What the parts of a scenario share: no key but the known ones, and the smallest types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Count", "Flag", "Model", "Port", "Tls", "TlsOrImplicit"]

Tls = Literal["none", "may", "encrypt"]
TlsOrImplicit = Literal["none", "may", "encrypt", "implicit"]
Count = Annotated[int, Field(ge=1, strict=True)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Flag = Annotated[bool, Field(strict=True)]


class Model(BaseModel):
    """A part of a scenario; what its keys mean stands under Attributes, and in the schema."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)
