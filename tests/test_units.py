"""Quantities: what is read, what is refused and how, and that writing is exact."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim import units

LARGEST = (1 << 63) - 1


@pytest.mark.parametrize(
    ("text", "expected_ns"),
    [
        ("20ms", 20_000_000),
        ("5 min", 300_000_000_000),
        ("300s", 300_000_000_000),
        ("5m", 300_000_000_000),
        ("5d", 432_000_000_000_000),
        ("1w", 604_800_000_000_000),
        ("1.5h", 5_400_000_000_000),
        ("0.1us", 100),
        ("7ns", 7),
        ("0s", 0),
        (" 1 s ", 1_000_000_000),
    ],
)
def test_durations(text: str, expected_ns: int) -> None:
    assert units.parse_duration(text) == expected_ns


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (units.parse_size, "10 MB", 10_000_000),
        (units.parse_size, "64KiB", 65_536),
        (units.parse_size, "0.5 kB", 500),
        (units.parse_bandwidth, "100 Mbit/s", 100_000_000),
        (units.parse_bandwidth, "unlimited", 0),
        (units.parse_rate, "120/min", 2.0),
        (units.parse_rate, "20/s", 20.0),
        (units.parse_rate, "86400 / d", 1.0),
        (units.parse_share, "0.1%", 0.001),
        (units.parse_share, "100 %", 1.0),
    ],
)
def test_the_others(read: Callable[[object], float], text: str, expected: float) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (units.parse_duration, 20, "such as 20ms or 5 min, got 20: say the unit, .* '20s'"),
        (units.parse_duration, "20", "got '20': say the unit, for example '20s'"),
        (units.parse_duration, "20 Minutes", "did you mean '20 min'"),
        (units.parse_duration, "20 MB", "units: ns, us, ms, s, min"),
        (units.parse_duration, "-1s", "must not be negative"),
        (units.parse_duration, "300y", "got '300y'"),
        (units.parse_duration, "300000000000s", "too large"),
        (units.parse_duration, "\u0663s", "got '\u0663s'"),
        (units.parse_duration, "", "got ''"),
        (units.parse_duration, None, "got nothing"),
        (units.parse_duration, True, "got true"),
        (units.parse_duration, [], "got a list"),
        (units.parse_size, 4096, "say the unit, for example '4096 B'"),
        (units.parse_size, "10 KB", "did you mean '10 kB'"),
        (units.parse_bandwidth, "10 mbps", "did you mean '10 Mbit/s'"),
        (units.parse_bandwidth, "0 bit/s", "above 0, or unlimited"),
        (units.parse_rate, 5, "say the unit, for example '5/s'"),
        (units.parse_rate, "5", "say the unit"),
        (units.parse_rate, "5/sec", "did you mean '5/s'"),
        (units.parse_rate, "-5/s", "must not be negative"),
        (units.parse_rate, "/s", "expected a rate"),
        (units.parse_share, 0.5, "say the unit, for example '0.5%'"),
        (units.parse_share, "101%", "at most 100%"),
    ],
)
def test_refused(read: Callable[[object], float], value: object, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        read(value)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans()))
def test_anything_is_read_or_refused_with_a_value_error(value: object) -> None:
    for read in (
        units.parse_duration,
        units.parse_size,
        units.parse_bandwidth,
        units.parse_rate,
        units.parse_share,
    ):
        try:
            assert read(value) >= 0
        except ValueError as error:
            assert "expected" in str(error)  # noqa: PT017 - some are quantities


@given(st.integers(0, LARGEST))
def test_exact_texts_read_back_as_the_same(value: int) -> None:
    assert units.parse_duration(units.exact_duration(value)) == value
    assert units.parse_size(units.exact_size(value)) == value
    assert units.parse_bandwidth(units.exact_bandwidth(value)) == value


@given(st.floats(0, 1))
def test_exact_shares_read_back_as_the_same(share: float) -> None:
    assert units.parse_share(units.exact_share(share)) == share


@given(st.floats(1e-9, 1e12))
def test_exact_rates_read_back_as_the_same(rate: float) -> None:
    assert units.parse_rate(units.exact_rate(rate)) == rate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (units.exact_duration(300 * units.SECOND), "5min"),
        (units.exact_duration(4000 * units.SECOND), "4000s"),
        (units.exact_duration(0), "0s"),
        (units.exact_size(10_240_000), "10240 kB"),
        (units.exact_bandwidth(0), "unlimited"),
        (units.exact_rate(2.0), "2/s"),
        (units.exact_rate(1 / 60), "1/min"),
        (units.exact_share(0.2353), "23.53%"),
        (units.format_duration(1_534_000_000), "1.53 s"),
        (units.format_duration(300 * units.SECOND), "5 min"),
        (units.format_duration(999_999), "1 ms"),
        (units.format_duration(0), "0 s"),
        (units.format_size(1_020_000), "1.02 MB"),
        (units.format_bandwidth(100_000_000), "100 Mbit/s"),
        (units.format_rate(2.0), "2/s"),
        (units.format_rate(0.02), "1.2/min"),
        (units.format_rate(0.0), "0/d"),
    ],
)
def test_written(text: str, expected: str) -> None:
    assert text == expected


def test_what_must_be_above_zero() -> None:
    assert units.positive_rate("120/min") == 2.0
    assert units.positive_duration("20ms") == 20_000_000
    with pytest.raises(ValueError, match=r"expected a rate above 0, got '0/s'"):
        units.positive_rate("0/s")
    with pytest.raises(ValueError, match=r"expected a duration above 0s, got '0s'"):
        units.positive_duration("0s")
