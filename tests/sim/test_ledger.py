"""Recipients are conserved, and a breach is named."""

from __future__ import annotations

import pytest

from mailsim.errors import RunError
from mailsim.record.log import Log
from mailsim.sim.ledger import Ledger


def ledger_with(*recipients: str) -> tuple[Ledger, Log]:
    log = Log()
    ledger = Ledger(log)
    ledger.open(1, "a@example.org", recipients, "test", 1000, 0, "office.example.org")
    return ledger, log


def test_every_fate_is_counted_once() -> None:
    ledger, log = ledger_with("b@example.net", "c@example.net")
    ledger.taken(1, "mx1", 5)
    ledger.attempted(1, "b@example.net")
    ledger.seal(1, "b@example.net", "delivered", 10, "mx2", 2, "250 Ok")
    ledger.close([(1, "c@example.net", 1, "mx1")])
    assert ledger.counts == {
        "delivered": 1,
        "bounced": 0,
        "expired": 0,
        "refused": 0,
        "queued": 1,
    }
    fates = {row[1]: (row[10], row[11], row[12]) for row in log.deliveries}
    assert fates == {"b@example.net": ("delivered", 1, 2), "c@example.net": ("queued", 0, 1)}


def test_a_lost_recipient_fails_the_run_and_is_named() -> None:
    ledger, _ = ledger_with("b@example.net", "c@example.net")
    with pytest.raises(RunError, match=r"c@example\.net of message 1: lost at office"):
        ledger.close([(1, "b@example.net", 0, "office")])


def test_a_second_fate_fails_the_run() -> None:
    ledger, _ = ledger_with("b@example.net")
    ledger.seal(1, "b@example.net", "delivered", 10, "mx2", 2, "250 Ok")
    ledger.seal(1, "b@example.net", "bounced", 11, "mx2", 2, "550 No")
    with pytest.raises(RunError, match="bounced a second time"):
        ledger.close([])


def test_many_breaches_are_cut_short() -> None:
    ledger, _ = ledger_with(*[f"u{i}@example.net" for i in range(30)])
    with pytest.raises(RunError, match="and 10 more"):
        ledger.close([])


def test_a_second_fate_is_a_duplicate_where_a_client_was_in_doubt() -> None:
    ledger, log = ledger_with("b@example.net")
    ledger.doubt(1, ["b@example.net"])
    ledger.doubt(1, ["b@example.net"])
    ledger.seal(1, "b@example.net", "delivered", 10, "mx2", 2, "250 Ok")
    ledger.resolve(1, ["b@example.net"])
    ledger.seal(1, "b@example.net", "delivered", 12, "mx2", 2, "250 Ok")
    ledger.close([])
    assert log.duplicates == [(12, 1, "b@example.net", "mx2", "delivered", 2)]
    assert (ledger.n_finished, ledger.n_duplicates) == (1, 1)
    ledger.seal(1, "b@example.net", "delivered", 13, "mx2", 2, "250 Ok")
    with pytest.raises(RunError, match="delivered a second time"):
        ledger.close([])
