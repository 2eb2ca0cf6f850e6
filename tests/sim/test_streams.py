"""Random numbers: each stream depends on its key alone."""

from __future__ import annotations

import numpy as np
import pytest

from mailsim.sim.streams import Streams


def numbers(streams: Streams, name: str, n: int = 300) -> list[float]:
    uniform = streams[name].uniform
    return [uniform() for _ in range(n)]


def test_a_stream_is_of_seed_replication_and_name() -> None:
    first = numbers(Streams(1), "a")
    assert numbers(Streams(1), "a") == first
    assert numbers(Streams(1, replication=0), "a") == first
    for other in (Streams(2)["a"], Streams(1, replication=1)["a"], Streams(1)["b"]):
        assert other.uniform() != first[0]


def test_another_stream_moves_none() -> None:
    streams = Streams(1)
    alone = numbers(Streams(1), "a", 10)
    mixed = []
    for _ in range(10):
        numbers(streams, "b", 7)
        mixed += numbers(streams, "a", 1)
    assert mixed == alone


def test_kinds_of_numbers() -> None:
    draws = Streams(1)["a"]
    n = 20_000
    assert np.mean([draws.uniform() for _ in range(n)]) == pytest.approx(0.5, abs=0.01)
    assert np.mean([draws.exponential() for _ in range(n)]) == pytest.approx(1.0, abs=0.04)
    normal = [draws.normal() for _ in range(n)]
    assert (np.mean(normal), np.std(normal)) == pytest.approx((0.0, 1.0), abs=0.03)
    assert {draws.below(3) for _ in range(100)} == {0, 1, 2}
