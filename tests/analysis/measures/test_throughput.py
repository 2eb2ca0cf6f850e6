from __future__ import annotations

import math

import pytest
from measured import value


def test_deliveries_per_second_after_the_warm_up() -> None:
    assert value("throughput") == pytest.approx(3 / 100)
    assert value("throughput(traffic=people)") == pytest.approx(1 / 100)
    assert value("throughput", warmup_s=23.0) == pytest.approx(2 / 77)  # 24 s: begun before it
    assert math.isnan(value("throughput", warmup_s=100.0))
