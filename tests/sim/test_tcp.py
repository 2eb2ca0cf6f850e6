"""Slow start, flight by flight."""

from __future__ import annotations

from mailsim.sim.tcp import INITIAL_WINDOW, MSS, Sender

MS = 1_000_000
S = 1000 * MS


def test_a_window_doubles_when_it_has_been_filled() -> None:
    sender = Sender(100 * MS, 0)
    assert sender.send(INITIAL_WINDOW, 7) == (7, 0)
    assert sender.send(2 * INITIAL_WINDOW + 1, 7) == (7 + 100 * MS, 1), "20 segments, and one more"
    assert sender.send(4 * INITIAL_WINDOW - 1, 7) == (7, 0)
    assert sender.send(4 * INITIAL_WINDOW + 1, 7)[1] == 1, "40 were not filled, so it stayed"


def test_a_full_pipe_does_not_wait() -> None:
    """1 Mbit/s takes 116.8 ms for ten segments: longer than their acknowledgment."""
    sender = Sender(100 * MS, 1_000_000)
    assert sender.send(100 * MSS, 0) == (100 * MSS * 8000, 0)


def test_a_pipe_that_is_not_full_waits_for_the_first_acknowledgment() -> None:
    sender = Sender(200 * MS, 1_000_000)
    window, first = INITIAL_WINDOW * 8000, MSS * 8000 + 200 * MS
    left, n_waits = sender.send(40 * MSS, 0)
    assert window < first < 2 * window
    assert (left, n_waits) == (first + 2 * window + window, 1)


def test_it_begins_again_after_it_has_been_idle() -> None:
    sender = Sender(100 * MS, 0)
    sender.send(3 * INITIAL_WINDOW, 0)
    sender.rest(S)
    sender.resume(2 * S)
    assert sender.send(4 * INITIAL_WINDOW, 2 * S)[1] == 0
    sender.rest(3 * S)
    sender.resume(4 * S + 1)
    assert sender.send(4 * INITIAL_WINDOW, 4 * S)[1] == 2
