"""Comcast: 25 connections, a thousand messages in each."""

from __future__ import annotations

from pushing import connections, receiver, session


def test_connections_and_sessions() -> None:
    taker = receiver("comcast-2026-11")
    assert len(connections(taker, 28)) == 3
    assert len(session(taker, 1003)) == 3
