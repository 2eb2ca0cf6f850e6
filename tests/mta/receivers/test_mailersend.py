"""MailerSend's relay: five messages in a connection."""

from __future__ import annotations

from pushing import connections, receiver, session


def test_connections_and_sessions() -> None:
    taker = receiver("mailersend")
    assert connections(taker, 100) == []
    assert len(session(taker, 8)) == 3
