"""Stalwart: five in a second of one address, 25 in an hour of one sender to a mailbox."""

from __future__ import annotations

from pushing import S, receiver, sent


def test_an_address_and_a_pair_above_their_limits() -> None:
    stalwart = receiver("stalwart-2026-11")
    assert sent(stalwart, 6) == {"sent": 5, "452 4.4.5": 1}
    outcomes = [sent(stalwart, 5, s * S, to="one@example.net")["sent"] for s in range(1, 9)]
    assert outcomes == [5, 5, 5, 5, 5, 0, 0, 0]
