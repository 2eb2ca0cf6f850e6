"""What the parts of a scenario share: no key but the known ones, and the smallest types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

__all__ = [
    "Count",
    "Flag",
    "Model",
    "Names",
    "Port",
    "Tls",
    "TlsLevel",
    "TlsOrImplicit",
    "YesNo",
]

Tls = Literal["none", "may", "encrypt"]
TlsLevel = Literal["none", "may", "encrypt", "dane", "dane-only"]
TlsOrImplicit = Literal["none", "may", "encrypt", "implicit"]
Count = Annotated[int, Field(ge=1, strict=True)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Flag = Annotated[bool, Field(strict=True)]


def _yes_no(value: object) -> object:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


YesNo = Annotated[
    Flag,
    BeforeValidator(_yes_no),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]}),
]
"""As postconf(5) writes it, which YAML 1.2 reads as text; or true and false."""


def _names(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_names),
    WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}),
]
"""Several names: a list, or as postconf(5) writes it, with commas or blanks between them."""


class Model(BaseModel):
    """A part of a scenario; what its keys mean stands under Attributes, and in the schema."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)
