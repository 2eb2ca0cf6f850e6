"""Warm-up, batch means and stopping, on processes whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mailsim.analysis import batch_means, is_precise, mser5, of_batches, replications_needed


def waits(rng: np.random.Generator, n: int, runs: int, load: float = 0.8) -> np.ndarray:
    """Return waits in M/M/1 from empty, by Lindley's recursion; service takes 1 on average."""
    gaps = rng.exponential(1 / load, (n, runs))
    services = rng.exponential(1.0, (n, runs))
    found = np.zeros((n, runs))
    for i in range(1, n):
        found[i] = np.maximum(0, found[i - 1] + services[i - 1] - gaps[i])
    return found.T


def ar1(rng: np.random.Generator, n: int, runs: int, phi: float) -> np.ndarray:
    """Return autoregressive processes of mean 0, begun in steady state."""
    noise = rng.normal(0, 1, (n, runs))
    found = np.empty((n, runs))
    found[0] = noise[0] / math.sqrt(1 - phi**2)
    for i in range(1, n):
        found[i] = phi * found[i - 1] + noise[i]
    return found.T


def test_a_start_that_is_plain_is_cut_where_it_ends() -> None:
    rng = np.random.default_rng(1)
    cuts = [mser5(np.r_[np.full(100, 20.0), rng.normal(0, 1, 900)]) for _ in range(50)]
    assert all(cut is not None and 100 <= cut <= 160 for cut in cuts)


def test_a_run_without_a_start_is_hardly_cut() -> None:
    rng = np.random.default_rng(2)
    cuts = [mser5(rng.normal(5, 1, 1000)) for _ in range(100)]
    known = [cut for cut in cuts if cut is not None]
    assert len(known) > 80
    assert np.median(known) < 100


def test_the_cut_takes_the_bias_of_an_empty_start() -> None:
    """A process that decays to its mean from 30 deviations away."""
    rng = np.random.default_rng(3)
    start = 30 * 0.98 ** np.arange(1000)
    paths = ar1(rng, 1000, 100, 0.5) + start
    cuts = [mser5(path) for path in paths]
    raw = [path.mean() for path in paths]
    cut = [path[n:].mean() for path, n in zip(paths, cuts, strict=True) if n is not None]
    assert len(cut) > 90
    assert np.mean(raw) == pytest.approx(start.mean(), abs=0.1)  # 1.5
    assert abs(np.mean(cut)) < 0.1


def test_no_cut_can_be_trusted() -> None:
    assert mser5([1.0] * 49) is None
    assert mser5(np.arange(1000.0)) is None  # it never settles
    assert mser5([7.0] * 50) == 0


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_coverage_of_batch_means(phi: float) -> None:
    paths = ar1(np.random.default_rng(4), 4000, 1000, phi)
    found = [batch_means(path) for path in paths]
    hits = [one.interval.low <= 0 <= one.interval.high for one in found]
    assert np.mean(hits) == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 1000))
    assert np.mean([one.is_independent for one in found]) > 0.9


def test_coverage_of_batch_means_on_a_queue() -> None:
    """Mean wait in M/M/1 at 50 % load is 1; the start is cut."""
    paths = waits(np.random.default_rng(5), 6000, 600, load=0.5)[:, 500:]
    hits = [one.interval.low <= 1.0 <= one.interval.high for one in (batch_means(p) for p in paths)]
    assert 0.90 < np.mean(hits) < 0.98  # skewed batches: a little less than said (Law 2015)


def test_batches_that_are_too_short_show() -> None:
    paths = ar1(np.random.default_rng(6), 400, 300, 0.98)
    found = [batch_means(path) for path in paths]
    hits = [one.interval.low <= 0 <= one.interval.high for one in found]
    assert np.mean(hits) < 0.8
    assert np.mean([one.is_independent for one in found]) < 0.2


def test_batches_by_hand() -> None:
    found = batch_means([9.0, 1.0, 3.0, 5.0, 7.0], 2)
    assert found.interval.value == 4.0
    assert batch_means([1.0, 3.0, 2.0, 9.0], 2, max).interval.value == 6.0
    assert batch_means([2.0] * 40).interval.half_width == 0
    assert of_batches([math.nan, 1.0, 3.0]).interval.n == 2
    with pytest.raises(ValueError, match="in 2 batches or more, got it in 1 of 2"):
        of_batches([1.0, math.nan])
    with pytest.raises(ValueError, match="3 values are too few for 2 batches"):
        batch_means([1.0, 2.0, 3.0], 2)


def test_stopping_holds_what_it_promises() -> None:
    """Within 10 % of the true mean nearly as often as said, with as many as that takes."""
    rng = np.random.default_rng(7)
    hits, counts = [], []
    for _ in range(1000):
        values = rng.normal(10, 3, 200)
        n = 5
        while (more := replications_needed(values[:n].tolist(), 0.10, 200)) > n:
            n = more
        hits.append(abs(values[:n].mean() - 10) <= 1.0)
        counts.append(n)
        assert is_precise(values[:n].tolist(), 0.10)
    assert np.mean(hits) > 0.90
    # 1.96 x 3 / sqrt(n) = 10 x 0.1 / 1.1 at n = 42
    assert np.mean(counts) == pytest.approx(42, rel=0.2)


def test_stopping_at_the_limits() -> None:
    assert replications_needed([5.0], 0.05, 50) == 5
    assert replications_needed([5.0] * 5, 0.05, 50) == 5
    assert replications_needed([0.0] * 5, 0.05, 50) == 5
    assert replications_needed([0.0] * 5, 0.05, 50, sizes=[9.0] * 5) == 8, (
        "a rate of 0 is not known"
    )
    assert replications_needed([-1.0, 1.0] * 5, 0.05, 50) == 15
    assert replications_needed([1.0, 9.0] * 5, 0.01, 12) == 12
    assert replications_needed([1.0, 9.0] * 6, 0.01, 12) == 12
    assert replications_needed([math.nan] * 6, 0.05, 50) == 9
    assert not is_precise([1.0, 1.0], 0.05)
