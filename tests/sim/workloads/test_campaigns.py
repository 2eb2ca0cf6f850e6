"""Many messages at once."""

from __future__ import annotations

from itertools import groupby, islice

import numpy as np
import pytest

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Streams
from mailsim.sim.workloads.campaigns import Campaigns


def test_all_of_a_campaign_fall_due_at_once_and_campaigns_at_random() -> None:
    campaigns = Campaigns.from_options({"rate": "2/s", "messages": 50})
    n = 2000
    due = list(islice(campaigns.due(Streams(1)["x"]), 50 * n))
    moments = [(at, len(list(some))) for at, some in groupby(due)]
    assert {size for _, size in moments} == {50}
    gaps_s = np.diff([0, *[at / SECOND for at, _ in moments]])
    assert gaps_s.mean() == pytest.approx(0.5, abs=4 * 0.5 / n**0.5)
    assert gaps_s.std() == pytest.approx(0.5, abs=4 * 0.5 * (2 / n) ** 0.5)
    assert campaigns.expected(3 * SECOND) == 300


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("2/s", r"expected \{rate: 2/h, messages: 50\}, got '2/s'"),
        ({"rate": "0/s", "messages": 5}, "rate: expected a rate above 0, got '0/s'"),
        ({"rate": "2/s", "messages": 0}, "messages: expected a whole number of at least 1, got 0"),
        ({"rate": "2/s", "messages": True}, "messages: expected a whole number"),
    ],
)
def test_bad_options(options: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Campaigns.from_options(options)
