"""Draws stay within what a table can hold."""

from __future__ import annotations

from math import gamma
from pathlib import Path

import numpy as np
import pytest

import mailsim as ms
from mailsim.sim.distributions import LARGEST_SIZE, mixed, sampler
from mailsim.sim.streams import Streams

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


def test_weibull_has_its_mean_and_its_variation() -> None:
    draws, draw = Streams(1)["x"], sampler("weibull", {"mean": 1e6, "shape": 0.7})
    values = np.array([draw(draws) for _ in range(20_000)]) / 1e6
    cv2 = gamma(1 + 2 / 0.7) / gamma(1 + 1 / 0.7) ** 2 - 1
    assert values.mean() == pytest.approx(1, abs=4 * (cv2 / len(values)) ** 0.5)
    assert np.median(values) == pytest.approx(np.log(2) ** (1 / 0.7) / gamma(1 + 1 / 0.7), rel=0.05)


def test_of_a_mixture_each_part_has_its_share() -> None:
    parts = [(0.9, sampler("constant", {"value": 50})), (0.1, sampler("constant", {"value": 550}))]
    draws, draw = Streams(1)["x"], mixed(parts)
    values = [draw(draws) for _ in range(10_000)]
    assert set(values) == {50, 550}
    assert values.count(550) == pytest.approx(1000, abs=4 * 900**0.5)


def test_a_mixture_may_have_a_mixture_in_it() -> None:
    inner = "{mixture: [{share: 50%, of: 2 kB}, {share: 50%, of: 3 kB}]}"
    size = f"{{mixture: [{{share: 50%, of: 1 kB}}, {{share: 50%, of: {inner}}}]}}"
    run = ms.load(FIRST, f"traffic.hello.size={size}", "traffic.hello.arrivals={every: 1s}").run()
    sizes = run.deliveries["size_bytes"].value_counts(normalize=True)
    assert sorted(sizes.index) == [1000, 2000, 3000]
    assert sizes[1000] > 0.3
