"""Conditions of a sweep."""

from __future__ import annotations

import pytest

from mailsim.experiment.where import holds

POINT = {"hosts.a.clients.connections": 5, "hosts.a.postfix.default_process_limit": 10,
         "links.0.latency": "20ms", "traffic.x.size": "5 kB", "hosts.b.clients.connections": 5,
         "tls": "may"}  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ("hosts.a.clients.connections < default_process_limit", True),
        ("default_process_limit<=9", False),
        ("default_process_limit >= 10", True),
        ("default_process_limit != 10", False),
        ("latency < 1s", True),
        ("latency == 0.02s", True),
        ("latency > 5ms", True),
        ("1 MB > size", True),
        ("tls == may", True),
        ("tls != may", False),
    ],
)
def test_holds(condition: str, is_met: bool) -> None:
    assert holds(condition, POINT) is is_met


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("connections < 5", "may mean hosts.a.clients.connections or hosts.b"),
        ("limit < 5", "names no swept path: known are hosts.a"),
        ("latency", "expected 'A < B'"),
        ("latency < 5", "have no order"),
        ("latency < 5 kB", "have no order"),
        ("default_process_limit < 5s", "have no order"),
    ],
)
def test_refused(condition: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        holds(condition, POINT)
