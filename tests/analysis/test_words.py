"""Numbers as people say them."""

from __future__ import annotations

import pytest

from mailsim.analysis import duration_text, number_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (5e-9, "5 ns"),
        (1.5e-6, "1.5 µs"),
        (0.0123, "12.3 ms"),
        (41.26, "41.3 s"),
        (59.6, "1 min"),
        (119.7, "2 min"),
        (125, "2 min 5 s"),
        (3599.9, "1 h"),
        (93780, "1 d 2 h"),
        (5 * 86400, "5 d"),
        (float("nan"), "-"),
        (float("inf"), "-"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (3.0, "3"), (12.3456, "12.3"), (1234.5, "1,234"), (0.012345, "0.0123"),
     (19873, "19,873"), (float("nan"), "-")],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text
