from __future__ import annotations

import pytest
from measured import MAIL, value
from synthetic import delivery


def test_share_and_number() -> None:
    mail = [*MAIL, delivery(8, 80.0, 1.0, fate="expanded")]
    assert value("rate(expanded)", mail) == pytest.approx(1 / 7)
    assert value("count(expanded)") == 0
