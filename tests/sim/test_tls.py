"""TLS handshakes: octets, and for how long a session may be resumed."""

from __future__ import annotations

import pytest

from mailsim.sim.tls import TlsSessions, handshake_of


@pytest.mark.parametrize(
    ("protocol", "is_resumed", "trips"),
    [("TLSv1.3", False, 1), ("TLSv1.3", True, 1), ("TLSv1.2", False, 2), ("TLSv1.2", True, 1)],
)
def test_round_trips(protocol: str, is_resumed: bool, trips: int) -> None:
    handshake = handshake_of(protocol, is_resumed=is_resumed)
    assert len(handshake.flights) == trips
    assert handshake.up_bytes == sum(up for up, _ in handshake.flights)
    assert (handshake.down_bytes > 3000 - 1) == (not is_resumed), "a certificate, or none"


def test_a_session_may_be_resumed_within_its_lifetime_at_its_own_port() -> None:
    sessions = TlsSessions(100)
    assert not sessions.has("mx", 25, 7)
    sessions.keep("mx", 25, 7)
    assert sessions.has("mx", 25, 106)
    assert not sessions.has("mx", 25, 107)
    assert not sessions.has("mx", 587, 8)
    sessions.keep("mx", 25, 107)
    assert sessions.has("mx", 25, 206)
