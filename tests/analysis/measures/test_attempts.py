from __future__ import annotations

import pytest
from measured import value


def test_per_recipient() -> None:
    assert value("mean(attempts)") == pytest.approx(8 / 6)
    assert value("max(attempts)") == 3
    assert value("sum(attempts, traffic=people)") == 2
