"""The JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Any

from mailsim.experiment.model import Scenario

__all__ = ["json_schema"]


def json_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) that every scenario file validates against."""
    schema = Scenario.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "mailsim scenario"
    return schema
