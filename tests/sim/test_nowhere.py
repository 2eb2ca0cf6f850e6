"""Transport maps with ``error:``, ``retry:`` and ``discard:`` in small whole runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import routed

OUT = "out.example.org"
MAP = {
    "gone@example.com": "error:5.1.6 has moved",
    "shut@example.com": "retry:4.3.2 not before nine",
    "noreply@example.com": "discard:nobody reads it",
}
ALIASES = {"all@example.org": ["bob@example.net", *MAP]}


def run(tmp_path: Path, to: str, notify: str = "", **out: Any) -> Any:
    host = routed.SCENARIO["hosts"][OUT] | out
    traffic = routed.to(to)
    if notify:
        traffic["hello"]["params"] = {"rcpt": notify}
    return routed.run(tmp_path, {OUT: host}, traffic=traffic)


def test_what_an_alias_leads_to_bounces_waits_and_vanishes(tmp_path: Path) -> None:
    """Nobody is connected to; other recipients of the message are not held up."""
    postfix = {
        "transport_maps": MAP, "virtual_alias_maps": ALIASES,
        "maximal_queue_lifetime": "9min", "minimal_backoff_time": "5min",
    }  # fmt: skip
    result = run(tmp_path, "all@example.org", postfix=postfix)
    fates = routed.fates(result)
    assert fates == {
        "all@example.org": ("expanded", OUT, 1),
        "bob@example.net": ("delivered", "mx1.example.net", 2),
        "gone@example.com": ("bounced", OUT, 1),
        "shut@example.com": ("expired", OUT, 1),
        "noreply@example.com": ("discarded", OUT, 1),
    }
    rows = result.attempts[result.attempts["host"] == OUT].drop_duplicates("recipient")
    said = rows.set_index("recipient")[["status", "relay", "enhanced", "reply"]].T.to_dict("list")
    del said["bob@example.net"]
    assert said == {
        "gone@example.com": ["bounced", "none", "5.1.6", "5.1.6 has moved"],
        "shut@example.com": ["deferred", "none", "4.3.2", "4.3.2 not before nine"],
        "noreply@example.com": ["sent", "none", "2.0.0", "2.0.0 nobody reads it"],
    }
    assert set(routed.servers(result)) == {OUT, "mx1.example.net"}
    reports = result.reports[["recipient", "action", "status", "diagnostic"]].values.tolist()
    assert reports == [
        ["gone@example.com", "failed", "5.1.6", "has moved"],
        ["shut@example.com", "failed", "4.3.2", "not before nine"],
    ]


def test_smtp_clients_are_refused_who_ask_for_error(tmp_path: Path) -> None:
    """Postfix ``smtpd_reject_unlisted_recipient``; so it is the client's to tell its user."""
    result = run(tmp_path, "gone@example.com", postfix={"transport_maps": MAP})
    only = result.deliveries.iloc[0]
    assert only["fate"] == "refused"
    assert only["reply"] == (
        "550 5.1.6 <gone@example.com>: Recipient address rejected: has moved"
    )  # fmt: skip


def test_a_map_comes_before_mailboxes(tmp_path: Path) -> None:
    """transport(5): its entries take precedence over ``mydestination``."""
    own = {"old@example.org": "error:5.1.6 has moved", "noreply@example.org": "discard:"}
    postfix = {"transport_maps": own}
    for to, fate in (
        ("old@example.org", "refused"), ("noreply@example.org", "discarded"),
        ("bob@example.org", "delivered"),
    ):  # fmt: skip
        result = run(tmp_path, to, postfix=postfix, mailboxes=["bob", "noreply"])
        assert result.deliveries.iloc[0]["fate"] == fate
    result = run(tmp_path, "old@example.org", postfix=postfix, mailboxes=["bob"])
    assert "has moved" in result.deliveries.iloc[0]["reply"]


def test_who_asks_for_success_hears_that_it_is_delivered(tmp_path: Path) -> None:
    postfix = {"transport_maps": MAP}
    result = run(tmp_path, "noreply@example.com", "NOTIFY=SUCCESS", postfix=postfix)
    told = result.reports[["recipient", "action", "status", "diagnostic"]].values.tolist()
    assert told == [["noreply@example.com", "delivered", "2.0.0", "nobody reads it"]]
    result = run(tmp_path, "noreply@example.com", "NOTIFY=FAILURE", postfix=postfix)
    assert result.reports.empty


@pytest.mark.parametrize("scheduler", ["fifo", "preemptive"])
def test_retry_kills_no_destination(tmp_path: Path, scheduler: str) -> None:
    """Its reason stays what is said, however many there are: no site has failed."""
    traffic = routed.to("shut@example.com", every="10s")
    host = routed.SCENARIO["hosts"][OUT] | {
        "postfix": {"transport_maps": MAP}, "scheduler": scheduler,
    }  # fmt: skip
    result = routed.run(tmp_path, {OUT: host}, "duration=4min", traffic=traffic)
    attempts = result.attempts[result.attempts["host"] == OUT]
    assert len(attempts) > 20
    assert set(attempts["reply"]) == {"4.3.2 not before nine"}
    assert set(result.deliveries["fate"]) == {"queued"}


def test_a_probe_asks_nobody_about_it(tmp_path: Path) -> None:
    """Recipient verification: what is discarded is deliverable, what is put off is not known."""
    for to, fate in (("noreply@example.com", "discarded"), ("shut@example.com", "refused")):
        policies = [{"relay_control": {"from": ["office.example.org"]}}, {"verify_recipient": {}}]
        result = run(tmp_path, to, postfix={"transport_maps": MAP}, policies=policies)
        assert result.deliveries.iloc[0]["fate"] == fate
        assert set(routed.servers(result)) == {OUT}
