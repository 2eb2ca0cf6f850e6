"""Draws stay within what a table can hold."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.sim.distributions import LARGEST_SIZE

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"


@pytest.mark.parametrize(
    "size", ["{lognormal: {mean: 1000000 GB, cv: 1000}}", "{exponential: {mean: 1000000 GB}}"]
)
def test_the_largest_messages_that_may_be_described_can_be_recorded(size: str) -> None:
    run = ms.load(
        FIRST,
        f"traffic.hello.size={size}",
        "traffic.hello.arrivals={every: 20ms}",
        "record={events: false}",
    ).run()
    assert len(run.deliveries) > 1000
    assert run.deliveries["size_bytes"].max() == LARGEST_SIZE
