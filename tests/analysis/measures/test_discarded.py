from __future__ import annotations

import pytest
from measured import MAIL, value
from synthetic import delivery

from mailsim.analysis.measures import measures
from mailsim.record.tables import FATES


def test_share_and_number() -> None:
    mail = [*MAIL, delivery(8, 80.0, 1.0, fate="discarded")]
    assert value("rate(discarded)", mail) == pytest.approx(1 / 7)
    assert value("count(discarded)") == 0


def test_every_fate_can_be_measured() -> None:
    assert set(FATES) <= set(measures.names())
