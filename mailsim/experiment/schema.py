"""The JSON Schema of scenario files, for editors: what the loader takes, as far as a schema can.

The meaning of each key is told where the key is defined, under Attributes in the docstring of
its class; of those in ``postfix:`` in the docstring of :class:`~mailsim.mta.settings.Settings`.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from pydantic import BaseModel

from mailsim.experiment.faults_model import Fault
from mailsim.experiment.keys import Model
from mailsim.experiment.model import Scenario
from mailsim.experiment.receivers import receiver_schema
from mailsim.mta.policies import policies
from mailsim.mta.settings import Settings
from mailsim.registry import Room
from mailsim.sim.faults import faults
from mailsim.sim.topologies import topologies
from mailsim.sim.workloads import workloads

__all__ = ["json_schema"]

_OWN_CLASS = r"^[\w.]+:\w+$"


def json_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) that every scenario file validates against."""
    schema = Scenario.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "mailsim scenario"
    parts = schema["$defs"]
    for part in (schema, *parts.values()):
        _describe(part, part.get("description", ""))
    _describe(parts["Postfix"], inspect.getdoc(Settings) or "")
    models: list[type[BaseModel]] = [*Model.__subclasses__(), Fault]
    for model in models:
        _write_defaults(model, parts.get(model.__name__, schema)["properties"])
    parts["Host"]["properties"]["policies"]["items"] = _one_of(policies)
    described = parts["Host"]["properties"]["receiver"]["description"]
    parts["Host"]["properties"]["receiver"] = {
        **receiver_schema(_OWN_CLASS),
        "description": described,
    }
    traffic = parts["Traffic"]
    traffic["properties"]["arrivals"] = {
        **_one_of(workloads),
        "description": traffic["properties"]["arrivals"]["description"],
    }
    traffic["oneOf"] = [{"required": ["arrivals"]}, {"required": ["bulk"]}]
    names = [{"enum": topologies.names()}, {"type": "string", "pattern": _OWN_CLASS}]
    network = parts["Network"]
    network["properties"]["topology"]["anyOf"] = names
    network["anyOf"] = [{"required": ["topology"]}, {"required": ["file"]}]
    network["allOf"] = [_options_of(name) for name in topologies.names()]
    _name_faults(parts["Fault"])
    return schema


def _name_faults(part: dict[str, Any]) -> None:
    """Let a fault have its times and one name, of the room or of a class of one's own."""
    names = faults.names()
    for name in names:
        part["properties"][name] = {"description": faults.summary(name)}
    part["patternProperties"] = {_OWN_CLASS: {}}
    part["additionalProperties"] = False
    named = [{"required": [name]} for name in names]
    part["oneOf"] = [*named, {"not": {"anyOf": named}}]
    part["dependentRequired"] = {"mtbf": ["mttr"], "mttr": ["mtbf"]}
    part["not"] = {
        "required": ["mtbf"],
        "anyOf": [{"required": ["for"]}, {"required": ["every"]}],
    }


_TYPES = {"int": "integer", "float": "number", "str": "string", "Path": "string"}


def _options_of(topology: str) -> dict[str, Any]:
    """Return what a topology takes, from the Parameters of its class."""
    _, _, parameters = (inspect.getdoc(topologies.get(topology)) or "").partition(
        "Parameters\n----------\n"
    )
    options: dict[str, Any] = {}
    for name, kind, text in re.findall(r"^(\w+) : (\w+)\n((?: +[^\n]*\n?)*)", parameters, re.M):
        key = "file" if kind == "Path" else name
        options[key] = {"type": [_TYPES[kind], "null"]}
        if text:
            options[key]["description"] = " ".join(text.split())
    return {
        "if": {"properties": {"topology": {"const": topology}}, "required": ["topology"]},
        "then": {"properties": options, "propertyNames": {"enum": ["topology", *options]}},
    }


def _describe(part: dict[str, Any], doc: str) -> None:
    """Give each property its description, from the Attributes of a numpydoc docstring."""
    summary, _, attributes = doc.partition("Attributes\n----------\n")
    part["description"] = " ".join(summary.split())
    for names, text in re.findall(r"^(\S[^\n]*)\n((?: +[^\n]*\n?)+)", attributes, re.MULTILINE):
        for name in names.partition(" : ")[0].split(", "):
            part["properties"][name]["description"] = " ".join(text.split())


def _write_defaults(model: type[BaseModel], properties: dict[str, Any]) -> None:
    """Write defaults as a file would have them: ``300s``, not 300000000000."""
    numbers = {
        n for n, inner in properties.items() if isinstance(inner.get("default"), (int, float))
    }
    written = model.model_construct().model_dump(mode="json", include=numbers, warnings=False)
    for name, default in written.items():
        properties[name]["default"] = default


def _one_of(room: Room[Any]) -> dict[str, Any]:
    """Return the schema of a mapping from one name of a room to its options."""
    return {
        "type": "object",
        "properties": {name: {"description": room.summary(name)} for name in room.names()},
        "patternProperties": {_OWN_CLASS: {}},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
