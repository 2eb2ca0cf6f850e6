"""Every shipped experiment validates against the schema that editors use."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from mailsim.experiment.schema import json_schema
from mailsim.experiment.yaml_nodes import read_document

ROOT = Path(__file__).parents[1]
FILES = sorted([*(ROOT / "experiments").rglob("*.yaml"), *(ROOT / "bench").glob("*.yaml")])


def with_text_keys(value: object) -> object:
    """JSON has text keys only: ports become text."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(inner) for key, inner in value.items()}
    return [with_text_keys(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_experiments_validate(path: Path) -> None:
    document = read_document(path.name, path.read_text(encoding="utf-8"))
    jsonschema.validate(with_text_keys(document.data), json_schema())


def test_the_schema_is_one_and_says_no() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"mailsim": 1, "duration": 10}, schema)
