"""Concurrency feedback in both variants, against what the formulas give by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.mta.feedback import Concurrency, Step, Window
from mailsim.mta.settings import Settings

ROOT_2 = 2**0.5


def window(feedback: str = "1", variant: str = "c", **more: int) -> Window:
    return Window(
        Concurrency(
            Settings(  # type: ignore[arg-type]
                default_destination_concurrency_positive_feedback=feedback,
                default_destination_concurrency_negative_feedback=feedback,
                destination_concurrency_feedback_variant=variant,
                **more,
            )
        )
    )


@pytest.mark.parametrize(
    ("text", "at_2"),
    [
        ("1", 1.0),
        ("0.5", 0.5),
        (".5/concurrency", 0.25),
        ("1 / concurrency", 0.5),
        (" 1/sqrt_concurrency ", 1 / ROOT_2),
    ],
)
def test_a_step_as_postconf_writes_it(text: str, at_2: float) -> None:
    assert Step(text).of(2) == pytest.approx(at_2)


@pytest.mark.parametrize("text", ["", "0", "1.5", "-1", "1/window", "1/concurrency/2", "one"])
def test_a_step_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number above 0 and at most 1"):
        Step(text)


@pytest.mark.parametrize(
    ("feedback", "sizes"), [("1", [6, 7, 8]), ("1/concurrency", [5] * 4 + [6])]
)
def test_success_lets_it_grow_at_the_end_of_a_cycle(feedback: str, sizes: list[int]) -> None:
    readme = window(feedback, "readme")
    readme.n_busy = 5
    seen = []
    for _ in sizes:
        readme.succeed()
        seen.append(readme.size)
    assert seen == sizes


def test_the_c_code_grows_half_a_step_early() -> None:
    """1/sqrt(5) = 0.447: two of them and a half are above 1, which the README wants three for."""
    sizes = {}
    for variant in ("c", "readme"):
        one = window("1/sqrt_concurrency", variant)
        one.n_busy = 5
        one.succeed()
        one.succeed()
        sizes[variant] = one.size
    assert sizes == {"c": 6, "readme": 5}


def test_it_grows_neither_above_the_limit_nor_far_above_what_is_used() -> None:
    idle = window()
    for _ in range(20):
        idle.succeed()
    assert idle.size == 5, "nothing is busy, so 5 is ahead enough"
    busy = window(default_destination_concurrency_limit=7)
    busy.n_busy = 7
    for _ in range(20):
        busy.succeed()
    assert busy.size == 7


@pytest.mark.parametrize(("variant", "size"), [("c", 4), ("readme", 5)])
def test_the_first_failure_after_growth(variant: str, size: int) -> None:
    """With feedback 1 the C code drops by two, the README by one."""
    one = window("1", variant)
    one.n_busy = 5
    one.succeed()
    assert one.size == 6
    one.fail()
    assert one.size == size


@pytest.mark.parametrize(("variant", "n_failures"), [("c", 3), ("readme", 4)])
def test_failures_in_a_row_until_it_is_dead(variant: str, n_failures: int) -> None:
    one = window("1", variant)
    for _ in range(n_failures - 1):
        one.fail()
        assert not one.is_dead
        assert one.has_room
    one.fail()
    assert one.is_dead
    assert not one.has_room
    one.fail()
    assert one.is_dead, "further failures change nothing"


def test_equal_cohorts_are_told_apart() -> None:
    """One failure at a window of one is one cohort: dead in C, which says >=, not in README."""
    for variant, is_dead in (("c", True), ("readme", False)):
        one = window("1", variant, initial_destination_concurrency=1)
        one.fail()
        assert one.is_dead is is_dead


def test_without_a_cohort_limit_none_dies() -> None:
    one = window(default_destination_concurrency_failed_cohort_limit=0)
    for _ in range(100):
        one.fail()
    assert (one.size, one.is_dead) == (1, False)


def test_a_success_brings_a_dead_one_back_with_what_is_busy() -> None:
    one = window(initial_destination_concurrency=1)
    one.n_busy = 3
    one.fail()
    one.succeed()
    assert (one.size, one.is_dead) == (3, False)
    one.n_busy = 0
    one.revive()
    assert one.size == 1


def test_a_rate_delay_makes_it_serial() -> None:
    one = window(default_destination_rate_delay=1)
    assert one.size == 1
    one.is_suspended = True
    assert not one.has_room


@given(
    st.lists(st.booleans(), max_size=200),
    st.sampled_from(["1", "1/concurrency", "1/sqrt_concurrency", "0.3"]),
    st.sampled_from(["c", "readme"]),
)
def test_it_stays_within_its_bounds(outcomes: list[bool], feedback: str, variant: str) -> None:
    one = window(feedback, variant)
    for went_well in outcomes:
        one.n_busy = one.size
        (one.succeed if went_well else one.fail)()
        assert 1 <= one.size <= 20
