from __future__ import annotations

import pytest
from measured import MAIL, value
from synthetic import delivery


def test_share_and_number() -> None:
    assert value("count(queued)") == 0
    assert value("rate(queued)", [*MAIL, delivery(8, 80.0, None)]) == pytest.approx(1 / 7)
