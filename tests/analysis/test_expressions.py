"""Expressions such as ``p95(delay)``: how they are read, and what is said about wrong ones."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mailsim.analysis import parse_measure, read_measure
from mailsim.errors import ConfigError, ExpressionError


@pytest.mark.parametrize(
    ("text", "shown", "unit"),
    [
        ("p95(delay)", "p95(delay)", "s"),
        (" p95 ( delay , traffic = people ) ", "p95(delay, traffic=people)", "s"),
        ("median(delay)", "p50(delay)", "s"),
        ("rate(bounced)", "rate(bounced)", ""),
        ("count(bounced, to_domain='example.net')", "count(bounced, to_domain=example.net)",
         "recipients"),
        ("finished", "finished", "s"),
        ("finished(traffic=newsletter)", "finished(traffic=newsletter)", "s"),
        ("finished()", "finished", "s"),
        ("max(queue_depth, host=mx1.example.org)", "max(queue_depth, host=mx1.example.org)",
         "messages"),
        ('max(queue_depth, queue="backlog:25")', "max(queue_depth, queue=backlog:25)", "messages"),
    ],
)  # fmt: skip
def test_read(text: str, shown: str, unit: str) -> None:
    found = parse_measure(text)
    assert (str(found), found.unit) == (shown, unit)
    assert str(parse_measure(shown)) == shown


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("p95(dely)", "unknown measure 'dely': known are attempts, bounced", 4),
        ("p95(dely)", "did you mean 'delay'?", 4),
        ("speed", "unknown measure 'speed': known are attempts", 0),
        ("", "expected a measure, got 'the end': known are attempts", 0),
        ("p95()", "expected a measure, got ')': known are attempts", 4),
        ("delay", "delay has many values: expected mean(delay) or min(delay)", 0),
        ("p95 delay", "expected '(' after p95, got 'delay'", 4),
        ("p95(delay", "expected ',' or ')' after 'delay', got 'the end'", 9),
        ("p95(delay) s", "expected the end, got 's'", 11),
        ("p100(delay)", "unknown measure 'p100'", 0),
        ("rate(delay)", "rate cannot be said of delay: mean(delay) or", 0),
        ("mean(bounced)", "mean cannot be said of bounced: rate(bounced) or count(bounced) can", 0),
        ("max(finished)", "finished is a single value, which needs no max(...)", 0),
        ("p95(delay, hots=a)", "delay has no filter 'hots': known are traffic, to_domain", 11),
        ("p95(delay, hots=a)", "did you mean 'host'?", 11),
        ("p95(delay, host)", "expected '=' after host, got ')'", 15),
        ("p95(delay, host=)", "expected a value for host", 16),
        ("p95(delay,)", "expected one of traffic, to_domain", 10),
    ],
)
def test_wrong(text: str, message: str, at: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_measure(text)
    assert message in caught.value.message
    assert caught.value.at == at
    assert str(caught.value).endswith(f"\n      | {text}\n      | {' ' * at}^")
    assert isinstance(caught.value, ConfigError)


def test_the_beginning_of_a_longer_text() -> None:
    text = "rate(bounced, host=a) < 0.1%"
    found, end = read_measure(text)
    assert (str(found), text[end:]) == ("rate(bounced, host=a)", " < 0.1%")
    found, end = read_measure("finished < 9h")
    assert (str(found), end) == ("finished", 8)
    assert str(read_measure("x: p5(delay)", 2)[0]) == "p5(delay)"


def test_reading_needs_no_pandas() -> None:
    code = (
        "import sys; from mailsim.analysis import parse_measure; parse_measure('p95(delay)');"
        "print({'pandas', 'scipy', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "set()\n"
