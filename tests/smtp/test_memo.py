"""What is remembered does not grow for ever."""

from __future__ import annotations

from mailsim.smtp.memo import keep


def test_what_is_kept_is_there_again() -> None:
    memo: dict[str, int] = {}
    assert keep(memo, "a", 1) == 1
    assert memo == {"a": 1}


def test_a_memo_that_is_full_begins_anew() -> None:
    memo: dict[int, int] = {}
    largest = 0
    for n in range(10_000):
        keep(memo, n, n)
        assert memo[n] == n
        largest = max(largest, len(memo))
    assert largest == 512
