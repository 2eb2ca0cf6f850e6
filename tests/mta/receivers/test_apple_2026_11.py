"""iCloud Mail: ten connections, five messages in each."""

from __future__ import annotations

from pushing import connections, receiver, session


def test_connections_and_sessions() -> None:
    taker = receiver("apple-2026-11")
    assert len(connections(taker, 13)) == 3
    assert len(session(taker, 8)) == 3
