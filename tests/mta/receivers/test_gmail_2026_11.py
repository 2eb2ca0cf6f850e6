"""Gmail: 421 4.7.28 after the message, 450 4.2.1 for a mailbox."""

from __future__ import annotations

from pushing import SEEN, S, connections, receiver, sent, session


def test_an_address_above_its_rate() -> None:
    gmail = receiver("gmail-2026-11")
    assert sent(gmail, 201) == {"sent": 200, "421 4.7.28": 1}
    assert sent(gmail, 30, S) == {"sent": 20, "421 4.7.28": 10}


def test_rates_are_looked_at_when_the_message_is_complete() -> None:
    gmail = receiver("gmail-2026-11", ip_burst=1)
    sent(gmail, 1)
    assert gmail.on_mail(SEEN, 0) is None
    refusal = gmail.on_message(SEEN, 0)
    assert refusal is not None
    assert "originating from your IP address [192.0.2.25]" in refusal.text


def test_the_network_and_the_sender_domain_have_limits_of_their_own() -> None:
    def spread(**own: object) -> str:
        gmail = receiver("gmail-2026-11", **own)
        for i in range(9):
            seen = SEEN._replace(address=f"192.0.2.{i}", sender=f"a@example{i % 3}.org")
            if refusal := gmail.on_message(seen, 0):
                return refusal.text
        return ""

    assert "your IP Netblock" in spread(network_burst=8)
    assert "your SPF domain [example0.org]" in spread(domain_burst=2)


def test_a_mailbox_takes_sixty_in_a_minute() -> None:
    gmail = receiver("gmail-2026-11")
    assert sent(gmail, 61, to="one@example.net") == {"sent": 60, "450 4.2.1": 1}


def test_connections_and_sessions() -> None:
    gmail = receiver("gmail-2026-11")
    assert connections(gmail, 21) == ["421 4.7.0 Try again later, closing connection."]
    assert session(gmail, 1000) == []
