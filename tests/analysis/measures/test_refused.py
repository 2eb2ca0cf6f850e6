from __future__ import annotations

import pytest
from measured import value


def test_share_and_number() -> None:
    assert value("rate(refused)") == pytest.approx(1 / 6)
    assert value("count(refused)") == 1


def test_narrowed_and_after_the_warm_up() -> None:
    parts = [value(f"count(refused, traffic={name})") for name in ("news", "people")]
    assert sum(parts) == value("count(refused)")
    assert value("count(refused)", warmup_s=65.0) == 0
