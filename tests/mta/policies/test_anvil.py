"""Limits per client, as anvil(8) counts."""

from __future__ import annotations

import pytest

from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Seen
from mailsim.mta.policies.anvil import Anvil
from mailsim.mta.reception import Reception
from mailsim.smtp import Reply

S = 1_000_000_000
SEEN = Seen("out", "192.0.2.25", "out", "", "a@example.org", "b@example.net", True)
OTHER = SEEN._replace(client="other", address="192.0.2.26")


def made(**options: object) -> Anvil:
    return Anvil.from_options(options)


def connect(anvil: Anvil, seen: Seen, now: int) -> Reply | None:
    anvil.on_open(seen.address, now)
    return anvil.on_connect(seen, now)


def test_connections_at_a_time() -> None:
    anvil = made(smtpd_client_connection_count_limit=2)
    assert connect(anvil, SEEN, 0) is None
    assert connect(anvil, SEEN, 0) is None
    assert str(connect(anvil, SEEN, 0)) == ("421 4.7.0 Error: too many connections from 192.0.2.25")
    assert connect(anvil, OTHER, 0) is None, "each address for itself"
    anvil.on_close(SEEN.address, 1)
    assert connect(anvil, SEEN, 1) is not None, "three are open again"
    anvil.on_close(SEEN.address, 1)
    anvil.on_close(SEEN.address, 1)
    assert connect(anvil, SEEN, 1) is None


def test_fifty_unless_said() -> None:
    anvil = made()
    assert [connect(anvil, SEEN, 0) is None for _ in range(51)] == [True] * 50 + [False]
    assert anvil.on_mail(SEEN, 0) is None
    assert anvil.on_rcpt(SEEN, 0) is None


@pytest.mark.parametrize(
    ("what", "stage", "reply"),
    [
        ("connection", "on_connect", "421 4.7.0 Error: too many connections from 192.0.2.25"),
        ("message", "on_mail", "450 4.7.1 Error: too much mail from 192.0.2.25"),
        ("recipient", "on_rcpt", "450 4.7.1 Error: too many recipients from 192.0.2.25"),
    ],
)
def test_rates(what: str, stage: str, reply: str) -> None:
    anvil = made(**{f"smtpd_client_{what}_rate_limit": 2, "anvil_rate_time_unit": "10s"})

    def decide(seen: Seen, now: int) -> Reply | None:
        if what == "connection":
            anvil.on_open(seen.address, now)
        verdict: Reply | None = getattr(anvil, stage)(seen, now)
        return verdict

    assert [decide(SEEN, now * S) is None for now in (0, 5, 10)] == [True, True, False]
    assert str(decide(SEEN, 10 * S)) == reply
    assert decide(OTHER, 10 * S) is None
    assert decide(SEEN, 11 * S) is None, "the time unit is over"
    assert decide(SEEN, 20 * S) is None
    assert decide(SEEN, 21 * S) is not None, "it began anew at 11 s"


def test_exceptions() -> None:
    options = {"smtpd_client_connection_rate_limit": 1}
    anvil = made(**options, smtpd_client_event_limit_exceptions=["out", "relay"])
    assert [connect(anvil, SEEN, 0) for _ in range(3)] == [None] * 3
    assert anvil.hosts() == ["out", "relay"]


def test_clients_are_forgotten() -> None:
    anvil = made(smtpd_client_connection_rate_limit=1, anvil_rate_time_unit="10s")
    connect(anvil, SEEN, 0)
    anvil.on_close(SEEN.address, 5 * S)
    assert connect(anvil, SEEN, 6 * S) is not None, "its rate still counts"
    anvil.on_close(SEEN.address, 20 * S)
    assert connect(anvil, SEEN, 20 * S) is None
    anvil.on_crash(20 * S)
    assert connect(anvil, SEEN, 20 * S) is None


def test_reception_passes_on_who_comes_and_goes() -> None:
    anvil = made(smtpd_client_connection_count_limit=1)
    reception = Reception(Mailboxes([]), {}, [anvil])
    for end in (lambda: reception.closed("192.0.2.25", 0), lambda: reception.crashed(0)):
        reception.opened("192.0.2.25", 0)
        assert reception.refuse("GREETING", SEEN, 0) is None
        end()
    assert connect(anvil, SEEN, 0) is None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"smtpd_client_message_rate_limit": "x"}, "expected a whole number"),
        ({"anvil_rate_time_unit": 60}, "anvil_rate_time_unit: "),
        ({"anvil_rate_time_unit": "0s"}, "more than 0s"),
        ({"smtpd_client_event_limit_exceptions": "a"}, "expected a list of host names"),
        ({"smtpd_client_event_limit_exceptions": [1]}, "expected a list of host names"),
        ({"rate": 1}, "no 'rate'"),
    ],
)
def test_options(options: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Anvil.from_options(options)
