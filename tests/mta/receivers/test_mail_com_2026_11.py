"""mail.com: a hundred messages in a connection."""

from __future__ import annotations

from pushing import connections, receiver, session


def test_connections_and_sessions() -> None:
    taker = receiver("mail-com-2026-11")
    assert connections(taker, 100) == []
    assert len(session(taker, 103)) == 3
