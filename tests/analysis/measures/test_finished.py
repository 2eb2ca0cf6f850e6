from __future__ import annotations

import math

from measured import MAIL, value
from synthetic import delivery


def test_the_last_fate_counts() -> None:
    assert value("finished") == 72.0
    assert value("finished(traffic=news)") == 50.5


def test_never_while_one_is_queued() -> None:
    assert value("finished", [*MAIL, delivery(8, 80.0, None)]) == math.inf
    assert math.isnan(value("finished", []))
