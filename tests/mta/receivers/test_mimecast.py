"""Mimecast: ten connections, a hundred messages in each."""

from __future__ import annotations

from pushing import connections, receiver, session


def test_connections_and_sessions() -> None:
    taker = receiver("mimecast")
    assert len(connections(taker, 13)) == 3
    assert len(session(taker, 103)) == 3
