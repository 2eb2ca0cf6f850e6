from __future__ import annotations

import pytest
from measured import value


def test_share_and_number() -> None:
    assert value("rate(delivered)") == pytest.approx(3 / 6)
    assert value("count(delivered)") == 3


def test_narrowed_and_after_the_warm_up() -> None:
    parts = [value(f"count(delivered, traffic={name})") for name in ("news", "people")]
    assert sum(parts) == value("count(delivered)")
    assert value("count(delivered)", warmup_s=65.0) == 0
