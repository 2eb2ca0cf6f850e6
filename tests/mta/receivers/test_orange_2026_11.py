"""Orange: two connections, a hundred messages in each."""

from __future__ import annotations

from pushing import connections, receiver, session


def test_connections_and_sessions() -> None:
    taker = receiver("orange-2026-11")
    assert len(connections(taker, 5)) == 3
    assert len(session(taker, 103)) == 3
