from __future__ import annotations

import pytest
from measured import value
from synthetic import attempt

ATTEMPTS = [
    attempt(1, 11.0, "deferred"),
    attempt(1, 12.0, "sent"),
    attempt(3, 31.0, "sent"),
]


def test_share_and_number() -> None:
    assert value("rate(deferred)", attempts=ATTEMPTS) == pytest.approx(1 / 6)
    assert value("count(deferred)", attempts=ATTEMPTS) == 1
    assert value("count(deferred, traffic=people)", attempts=ATTEMPTS) == 0
