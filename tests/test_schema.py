"""The schema that editors use agrees with the loader: what one takes the other takes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario
from mailsim.experiment.schema import json_schema
from mailsim.experiment.yaml_nodes import parse_value, read_document

ROOT = Path(__file__).parents[1]
FILES = sorted([*(ROOT / "experiments").rglob("*.yaml"), *(ROOT / "bench").glob("*.yaml")])
FIRST = ROOT / "experiments" / "first_mail.yaml"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def with_text_keys(value: object) -> Any:
    """JSON has text keys only: ports become text."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(inner) for key, inner in value.items()}
    return [with_text_keys(inner) for inner in value] if isinstance(value, list) else value


def data_of(path: Path) -> Any:
    return with_text_keys(read_document(path.name, path.read_text(encoding="utf-8")).data)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_experiments_validate(path: Path) -> None:
    VALIDATOR.validate(data_of(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_resolved_scenarios_validate(path: Path) -> None:
    VALIDATOR.validate(load_scenario(path).resolved())


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_every_part_and_every_key_is_described() -> None:
    schema = json_schema()
    for name, part in schema["$defs"].items():
        assert part["description"], name
        assert "Attributes" not in part["description"]
        for key, inner in part["properties"].items():
            assert inner.get("description"), f"{name}.{key}"
    for key, inner in schema["properties"].items():
        assert inner.get("description"), key


def test_every_default_is_written_as_a_file_would_have_it() -> None:
    schema = json_schema()
    parts = [schema, *schema["$defs"].values()]
    defaults = [inner for part in parts for inner in part["properties"].values()]
    defaults = [inner for inner in defaults if inner.get("default") is not None]
    assert len(defaults) > 30
    for inner in defaults:
        rule = jsonschema.Draft202012Validator({**inner, "$defs": schema["$defs"]})
        assert rule.is_valid(inner["default"]), inner
    postfix = schema["$defs"]["Postfix"]["properties"]
    assert postfix["maximal_backoff_time"]["default"] == "4000s"


WHERE = {
    "duration": ("duration",),
    "warmup": ("warmup",),
    "size": ("hosts", "mx.example.net", "postfix", "message_size_limit"),
    "bandwidth": ("links", 0, "bandwidth"),
    "rate": ("traffic", "hello", "bulk", "rate"),
    "share": ("traffic", "hello", "invalid"),
}
UNITS = st.sampled_from(
    ["ns", "us", "ms", "s", "min", "m", "h", "d", "w", "y", "B", "kB", "KB", "KiB", "MB", "MiB",
     "GB", "GiB", "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "/s", "/min", "/m", "/h", "/d", "/ s",
     "%", "unlimited", ""],
)  # fmt: skip
NUMBERS = st.sampled_from(
    ["0", "00", "0.0", "1", "5", "+5", "-5", "1.5", "99.9", "100", "100.0", "0100", "100.1", "1e3",
     "10.05", ".5", "5.", "", "a"],
)  # fmt: skip


def with_value(kind: str, text: str) -> Any:
    data = copy.deepcopy(data_of(FIRST))
    if kind == "rate":
        del data["traffic"]["hello"]["arrivals"]
        data["traffic"]["hello"]["bulk"] = {"recipients": 1}
    if kind == "share":
        data["traffic"]["hello"]["to"] = "example.net"
    at = data
    for key in WHERE[kind][:-1]:
        at = at[key] if isinstance(at, list) else at.setdefault(key, {})
    at[WHERE[kind][-1]] = text
    return data


@pytest.mark.parametrize("kind", WHERE)
@given(number=NUMBERS, space=st.sampled_from(["", " "]), unit=UNITS)
def test_quantities(kind: str, number: str, space: str, unit: str) -> None:
    text = f"{number}{space}{unit}"
    data = with_value(kind, text)
    if kind == "duration":
        data["warmup"] = "0s"
    from mailsim.experiment.model import Scenario

    try:
        Scenario.model_validate(data)
        is_taken = True
    except ValueError:
        is_taken = False
    assert VALIDATOR.is_valid(data) is is_taken, text


@pytest.mark.parametrize(
    ("sets", "is_right"),
    [
        ({"traffic.hello.arrivals": "{poisson: 5/min}"}, True),
        ({"traffic.hello.arrivals": "{poison: 5/min}"}, False),
        ({"traffic.hello.arrivals": "{'json:JSONDecoder': 1}"}, None),  # the loader knows more
        ({"traffic.hello.arrivals": "{}"}, False),
        ({"traffic.hello.arrivals": "{once: 1s, every: 1s}"}, False),
        ({"traffic.hello.bulk": "{recipients: 5}"}, False),
        ({"traffic.hello.bulk": "{recipients: 5}", "traffic.hello.arrivals": None}, True),
        ({"traffic.hello.arrivals": None}, False),
        ({"hosts.mx.example.net.policies": "[{greylist: {}}]"}, True),
        ({"hosts.mx.example.net.policies": "[{greylst: {}}]"}, False),
        ({"hosts.mx.example.net.policies": "[{}]"}, False),
        ({"network": "{topology: star, center: ix}"}, True),
        ({"network": "{topology: stern, center: ix}"}, False),
        ({"links": "[]", "network": "{topology: ring, nodes: 4}"}, True),
        ({"network": "{topology: ring, nodes: four}"}, False),
        ({"network": "{topology: ring, nodez: 4}"}, False),
        ({"links": "[]", "network": "{topology: waxman, alpha: 0.3, seed: 2}"}, True),
        ({"network": "{topology: internet, center: ix}"}, False),
        ({"network": "{}"}, False),
        ({"hosts.mx.example.net.listen": "{25: {}, '2525': {tls: none}}"}, True),
        ({"hosts.mx.example.net.listen": "{25: {tls: never}}"}, False),
        ({"hosts.mx.example.net.backlog": "unlimited"}, True),
        ({"hosts.mx.example.net.backlog": "-1"}, False),
        ({"hosts.mx.example.net.service_time": "{lognormal: {mean: 1m, cv: 1000}}"}, True),
        ({"hosts.mx.example.net.service_time": "{lognormal: {mean: 1m, cv: 1001}}"}, False),
        ({"hosts.mx.example.net.service_time": "{constant: 1m}"}, True),
        ({"hosts.mx.example.net.service_time": "{constant: 1m, x: 1}"}, False),
        ({"hosts.mx.example.net.service_time": "{gamma: {mean: 1m}}"}, False),
        ({"links": "[{between: '*', latency: 5m}]"}, True),
        ({"links": "[{between: ix, latency: 5ms}]"}, False),
        ({"duraton": "5s"}, False),
        ({"fidelity": "wire"}, True),
        ({"fidelity": "wires"}, False),
        ({"seed": "-1"}, False),
    ],
)
def test_schema_and_loader_agree(
    tmp_path: Path, sets: dict[str, str | None], is_right: bool | None
) -> None:
    import json

    data = read_document("s", FIRST.read_text(encoding="utf-8")).data
    for path, text in sets.items():
        at, rest = data, path
        while (key := next((k for k in at if rest.startswith(f"{k}.")), None)) is not None:
            at, rest = at[key], rest[len(key) + 1 :]
        at.pop(rest, None)
        if text is not None:
            at[rest] = parse_value(text)
    path_of = tmp_path / "s.yaml"
    path_of.write_text(json.dumps(with_text_keys(data)), encoding="utf-8")
    try:
        load_scenario(path_of)
        is_taken = True
    except ConfigError:
        is_taken = False
    assert is_taken is bool(is_right)
    if is_right is not None:
        assert VALIDATOR.is_valid(with_text_keys(data)) is is_right
