"""YAML 1.2 core values, and where each stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.errors import ConfigError, Problem
from mailsim.experiment.yaml_nodes import parse_value, read_document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("25:25", "25:25"),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-5", -5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("+.INF", float("inf")),
        (".Inf", float("inf")),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ('"25"', "25"),
        ("'true'", "true"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
        ("a # b", "a"),
    ],
)
def test_core_schema(text: str, value: object) -> None:
    found = parse_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text: str) -> None:
    found = parse_value(text)
    assert isinstance(found, float)
    assert found != found


@pytest.mark.parametrize("text", ["-.nan", ".nAn", ".iNF", "inf", "nan"])
def test_what_the_core_schema_does_not_name_is_text(text: str) -> None:
    assert parse_value(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!int abc", "expected an int, as !!int says, got 'abc'"),
        ("!!int 1_000", "got '1_000'"),
        ("!!float x", "expected a number"),
        ("!!bool maybe", "expected true or false"),
        ("!!null 5", "expected nothing"),
        ("{!!int a: 1}", "expected an int"),
        ("{a: 1, a: 2}", "duplicate key 'a'"),
    ],
)
def test_a_value_that_is_not_what_its_tag_says(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_value(text)
    assert expected in str(caught.value)


def test_a_tag_that_is_right() -> None:
    assert parse_value("[!!int 5, !!float 5, !!str 5, !!bool True]") == [5, 5.0, "5", True]


def test_keys_may_be_numbers() -> None:
    assert parse_value("{25: a, '25': b}") == {25: "a", "25": "b"}


def test_duplicate_key_names_its_first_line() -> None:
    document = read_document("s.yaml", "a: 1\nb: {c: 1}\na: 2\n")
    assert document.data == {"a": 1, "b": {"c": 1}}
    (problem,) = document.problems
    assert problem.path == ("a",)
    assert "first in line 1" in problem.message
    assert document.show(problem).startswith("s.yaml:3:1: duplicate key 'a'")


def test_positions_of_keys_and_values() -> None:
    document = read_document("s.yaml", "a:\n  b: [x, {c: 5}]\n")
    path = ("a", "b", 1, "c")
    assert document.position(Problem(path, "", on_key=True)) == (2, 11)
    assert document.position(Problem(path, "")) == (2, 14)
    assert document.position(Problem(("a", "b", 0), "")) == (2, 7)


def test_what_is_not_there_is_shown_at_its_nearest_parent() -> None:
    document = read_document("s.yaml", "a:\n  b: 1\n")
    assert document.position(Problem(("a", "z", 3), "")) == (1, 1)


def test_a_caret_under_the_value() -> None:
    document = read_document("s.yaml", "duration: soon\n")
    first, source, caret = document.show(Problem(("duration",), "no")).splitlines()
    assert first == "s.yaml:1:11: no"
    assert source.index("soon") == caret.index("^")


def test_a_line_inside_a_block_of_text() -> None:
    document = read_document("s.yaml", "zones:\n  a: |\n    one\n    two\n")
    assert document.position(Problem(("zones", "a"), "", line=2)) == (4, 5)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.sampled_from(["a", "b c"]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_json_is_yaml(value: object) -> None:
    import json

    assert parse_value(json.dumps(value)) == value


@given(st.text(alphabet="ab:-{}[]!|>'\"#%@`,? \n\t0", max_size=30))
def test_any_text_is_read_or_refused_with_a_config_error(text: str) -> None:
    try:
        read_document("s.yaml", text)
    except ConfigError as error:
        assert str(error).startswith("s.yaml")  # noqa: PT017 - most texts raise nothing
