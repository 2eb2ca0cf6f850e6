"""Yahoo: 20 messages in a connection, [TSS04] for two hours."""

from __future__ import annotations

from pushing import SEEN, S, connections, receiver, sent, session


def test_an_address_above_its_rate_is_put_off_for_two_hours() -> None:
    yahoo = receiver("yahoo-2026-11")
    assert sent(yahoo, 201) == {"sent": 200, "421 4.7.0": 1}
    refusal = yahoo.on_mail(SEEN, 7199 * S)
    assert refusal is not None
    assert refusal.lines[0].startswith("[TSS04] Messages from 192.0.2.25 temporarily deferred")
    assert sent(yahoo, 5, 7200 * S) == {"sent": 5}


def test_connections_and_sessions() -> None:
    yahoo = receiver("yahoo-2026-11")
    assert len(connections(yahoo, 21)) == 1
    assert len(session(yahoo, 22)) == 2
