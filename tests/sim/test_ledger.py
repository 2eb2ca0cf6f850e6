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
        "discarded": 0,
        "expanded": 0,
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


def test_an_alias_puts_others_in_its_place() -> None:
    """Everybody is counted once; who is on the way already may get another copy."""
    ledger, log = ledger_with("list@x", "bob@x")
    members = [("bob@x", "owner@x"), ("carol@x", "owner@x")]
    ledger.expand(1, "list@x", members, 10, "mx", 1, "250 Ok")
    for recipient in ("bob@x", "bob@x", "carol@x"):
        ledger.seal(1, recipient, "delivered", 20, "mx", 1, "250 Ok")
    ledger.close([])
    assert ledger.n_opened == 3
    assert (ledger.counts["expanded"], ledger.counts["delivered"]) == (1, 2)
    assert ledger.n_duplicates == 1
    senders = {row[1]: (row[2], row[10]) for row in log.deliveries}
    assert senders == {
        "list@x": ("a@example.org", "expanded"),
        "bob@x": ("a@example.org", "delivered"),
        "carol@x": ("owner@x", "delivered"),
    }


def test_a_second_copy_of_a_list_message_makes_second_copies() -> None:
    """The client heard nothing and sent it again: whom it leads to get it again, too."""
    ledger, _ = ledger_with("list@x")
    ledger.doubt(1, ["list@x"])
    for _ in range(2):
        ledger.expand(1, "list@x", [("bob@x", "owner@x")], 10, "mx", 1, "250 Ok")
        ledger.seal(1, "bob@x", "delivered", 20, "mx", 1, "250 Ok")
    ledger.close([])
    assert (ledger.n_opened, ledger.n_duplicates) == (2, 2)


def test_an_alias_may_keep_its_recipient() -> None:
    ledger, _ = ledger_with("bob@x")
    ledger.expand(1, "bob@x", [("bob@x", "a@x"), ("carol@x", "a@x")], 10, "mx", 1, "250 Ok")
    for recipient in ("bob@x", "carol@x"):
        ledger.seal(1, recipient, "delivered", 20, "mx", 1, "250 Ok")
    ledger.close([])
    assert ledger.counts["expanded"] == 0
