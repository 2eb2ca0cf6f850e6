"""Microsoft: 451 4.7.650 at MAIL, limits of an hour for each mailbox."""

from __future__ import annotations

from pushing import S, connections, receiver, sent, session


def test_an_address_above_its_rate() -> None:
    microsoft = receiver("microsoft-2026-11")
    assert sent(microsoft, 201) == {"sent": 200, "451 4.7.650": 1}


def test_a_mailbox_takes_1200_in_an_hour_of_one_sender() -> None:
    microsoft = receiver("microsoft-2026-11", ip_rate="unlimited")
    taken = 0
    for second in range(3600):
        taken += sent(microsoft, 1, second * S, to="one@example.net")["sent"]
    assert taken == 1200 + 19, "and a burst, which is left at the beginning"


def test_a_sender_or_a_mailbox_above_it() -> None:
    microsoft = receiver("microsoft-2026-11")
    assert sent(microsoft, 21, to="one@example.net") == {"sent": 20, "554 5.2.121": 1}
    microsoft = receiver("microsoft-2026-11", pair_rate="unlimited")
    assert sent(microsoft, 61, to="one@example.net") == {"sent": 60, "554 5.2.122": 1}


def test_connections_and_sessions() -> None:
    microsoft = receiver("microsoft-2026-11")
    assert len(connections(microsoft, 502)) == 2
    assert len(session(microsoft, 52)) == 2
