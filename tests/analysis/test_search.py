"""The search for a boundary under noise, on knobs whose boundary is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mailsim.analysis import Search, Verdict, parse_expectation


def searched(
    n: int, measured: Callable[[int, int], float], text: str, first: int = 5, most: int = 40
) -> Search:
    search = Search(n, parse_expectation(text), first, most)
    while (wanted := search.next()) is not None:
        search.put(*wanted, measured(*wanted))
    return search


@pytest.mark.parametrize("boundary", [0, 1, 2, 49, 50, 51, 99, 100])
def test_without_noise_it_is_exact(boundary: int) -> None:
    search = searched(100, lambda at, _: float(at), f"finished >= {boundary}s", 1, 1)
    assert search.outcome().position == boundary
    assert len(search.judgements()) <= 5 + 5  # two ends, three between, 25 halved


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_few_positions(n: int) -> None:
    for boundary in range(n + 1):
        search = searched(n, lambda at, _: float(at), f"finished >= {boundary}s")
        assert search.outcome().position == boundary


def test_an_event_that_never_comes_is_not_believed_too_soon() -> None:
    search = Search(1, parse_expectation("rate(bounced) < 1%"), 5, 40)
    while (wanted := search.next()) is not None:
        search.put(*wanted, 0.0, 21.0)
    # Six looks share 5 %: ln(12 / 0.05) / 0.01 = 548 recipients, and 27 replications have 567.
    assert {one.interval.n for one in search.judgements().values()} == {27}
    assert search.outcome().position == 0


def test_no_position_does() -> None:
    outcome = searched(100, lambda at, _: float(at), "finished > 100s").outcome()
    assert (outcome.position, outcome.contradiction, outcome.undecided) == (None, (), ())


def test_not_monotone() -> None:
    outcome = searched(100, lambda at, _: float(abs(at - 50)), "finished < 30s").outcome()
    assert outcome.position is None
    assert outcome.contradiction == (25, 100)


def test_unlike_replications_are_undecided() -> None:
    values = [0.0, 100.0]
    search = searched(1, lambda at, rep: values[rep % 2], "finished < 50s", 4, 12)
    assert search.outcome().undecided == (0, 1)
    assert {one.interval.n for one in search.judgements().values()} == {12}


def noisy(seed: int) -> Search:
    """Mean ``at``, deviation 5 s: the boundary of 60.5 s lies between 60 and 61."""
    rng = np.random.default_rng(seed)
    return searched(100, lambda at, _: float(rng.normal(at, 5)), "finished > 60.5s")


def test_with_noise_it_is_on_the_right_side_and_close() -> None:
    found = [noisy(seed).outcome().position for seed in range(200)]
    positions = [at for at in found if at is not None]
    assert len(positions) == len(found)  # noise is no lack of monotony
    # Each search judges one or two positions just below the boundary, each wrongly with at most
    # 2.5 %: of 200 at most 5 %, and three deviations.
    assert sum(at < 61 for at in positions) <= 200 * 0.05 + 3 * (200 * 0.05 * 0.95) ** 0.5
    # After 40 replications the interval is +- 2.9 * 5 / sqrt(40) = 2.3 wide: it decides 65.
    assert np.mean([at <= 65 for at in positions]) > 0.9


def test_most_replications_are_near_the_boundary() -> None:
    judged = noisy(1).judgements()
    counts = {at: one.interval.n for at, one in judged.items()}
    assert {counts[at] for at in (0, 25, 100)} == {5}
    assert max(counts[at] for at in counts if abs(at - 60.5) < 3) >= 27


def test_what_is_measured_in_another_order_gives_the_same_search() -> None:
    def value(at: int, rep: int) -> float:
        return float(np.random.default_rng([at, rep]).normal(at, 5))

    one = searched(100, value, "finished > 60.5s")
    other, held = Search(100, parse_expectation("finished > 60.5s"), 5, 40), []
    while True:
        while (wanted := other.next()) is not None:
            held.append(wanted)
        if not held:
            break
        other.put(*held[-1], value(*held.pop()))
    assert other.judgements() == one.judgements()
    assert one.judgements()[100].verdict == Verdict.MET
