"""Exchange Server: twenty connections of one source, 600 messages in a minute."""

from __future__ import annotations

from pushing import S, connections, receiver, sent


def test_a_source_above_its_limits() -> None:
    exchange = receiver("exchange-2019")
    assert len(connections(exchange, 21)) == 1
    assert sent(exchange, 601) == {"sent": 600, "421 4.4.2": 1}
    assert sent(exchange, 700, 60 * S) == {"sent": 600, "421 4.4.2": 100}
