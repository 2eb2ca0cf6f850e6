"""A server of one's own: five connections for each client."""

from __future__ import annotations

from pushing import connections, receiver, session


def test_connections_and_sessions() -> None:
    taker = receiver("self-hosted")
    assert len(connections(taker, 8)) == 3
    assert session(taker, 2000) == []
