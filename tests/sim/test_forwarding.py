"""Aliases, forwarding, lists and their bounces, in small whole runs; both fidelities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import routed

import mailsim as ms

MX1, COM = "mx1.example.net", "mx.example.com"
FORWARD = {"virtual_alias_maps": {"bob@example.net": "carol@example.com"}}
SRS = {"domain": "example.net", "secret": "tops3cr3t"}
ONE = "news@example.net"


def run(tmp_path: Path, mx1: dict[str, Any], *to: str, **more: Any) -> ms.Run:
    """Run mail to some recipients past one host with aliases or lists."""
    hosts = {MX1: mx1 | {"policies": []}, "mx2.example.net": {"domains": []}}
    for name in (COM, "out.example.org"):
        hosts[name] = more.pop(name, {})
    return routed.run(tmp_path, hosts, traffic=routed.to(*to), **more)


def mail(result: ms.Run, traffic: str = "hello") -> pd.DataFrame:
    rows = result.deliveries[result.deliveries["traffic"] == traffic]
    return rows.set_index("recipient")


@pytest.mark.row("R-11")
def test_an_alias_forwards_and_keeps_the_sender(tmp_path: Path) -> None:
    result = run(tmp_path, {"postfix": FORWARD}, "bob@example.net")
    assert routed.fates(result) == {
        "bob@example.net": ("expanded", MX1, 2),
        "carol@example.com": ("delivered", COM, 3),
    }
    assert set(mail(result)["sender"]) == {"alice@example.org"}
    assert mail(result).loc["bob@example.net", "reply"].endswith("expanded to <carol@example.com>")
    assert mail(result)["submitted_at_s"].nunique() == 1, "its delay counts from the submission"
    assert len(result.attempts[result.attempts["host"] == MX1]) == 1


def test_a_bounce_of_what_was_forwarded_returns_by_srs(tmp_path: Path) -> None:
    """Carol does not exist; the forwarder decodes the rewritten sender, and Alice hears of it."""
    nobody = {COM: {"mailboxes": ["nobody"]}}
    result = run(tmp_path, {"postfix": FORWARD, "srs": SRS}, "bob@example.net", **nobody)
    carol = mail(result).loc["carol@example.com"]
    assert (carol["fate"], carol["host"]) == ("bounced", MX1)
    assert carol["sender"].startswith("SRS0=")
    assert carol["sender"].endswith("=example.org=alice@example.net")
    reports = mail(result, "report")
    assert reports["fate"].to_dict() == {
        carol["sender"]: "expanded",
        "alice@example.org": "delivered",
    }
    assert reports.loc["alice@example.org", "host"] == "out.example.org"


def test_without_srs_the_bounce_goes_straight_to_the_sender(tmp_path: Path) -> None:
    nobody = {COM: {"mailboxes": ["nobody"]}}
    result = run(tmp_path, {"postfix": FORWARD}, "bob@example.net", **nobody)
    assert mail(result).loc["carol@example.com", "sender"] == "alice@example.org"
    assert mail(result, "report")["fate"].to_dict() == {"alice@example.org": "delivered"}


def test_two_forwarders_in_a_row(tmp_path: Path) -> None:
    """The second makes SRS1; its bounce goes to the first, and from there to the sender."""
    again = {
        "postfix": {"virtual_alias_maps": {"carol@example.com": "dave@pool.example.net"}},
        "srs": {"domain": "example.com", "secret": "other"},
    }
    hosts = {
        MX1: {"postfix": FORWARD, "srs": SRS}, COM: again, "mx2.example.net": {"domains": []},
        "a.example.net": {"mailboxes": ["nobody"]}, "b.example.net": {"mailboxes": ["nobody"]},
    }  # fmt: skip
    result = routed.run(tmp_path, hosts)
    dave = mail(result).loc["dave@pool.example.net"]
    assert (dave["fate"], dave["hops"]) == ("bounced", 3)
    assert dave["sender"].startswith("SRS1=")
    assert "=example.net==" in dave["sender"]
    reports = mail(result, "report")
    assert reports["fate"].tolist() == ["expanded", "expanded", "delivered"]
    assert reports.index[-1] == "alice@example.org"


def test_a_forged_rewritten_sender_opens_no_relay(tmp_path: Path) -> None:
    forged = "SRS0=xxxx=2W=example.com=victim@example.net"
    result = run(tmp_path, {"srs": SRS}, forged)
    refused = mail(result).loc[forged]
    assert refused["fate"] == "bounced"
    assert refused["reply"].startswith("550 5.1.1")


@pytest.mark.row("R-11")
def test_a_list_replaces_the_sender_and_takes_the_bounces(tmp_path: Path) -> None:
    members = ["bob@example.net", "carol@example.com", "gone@example.com"]
    one = {"lists": {ONE: {"members": members}}, "mailboxes": ["bob"]}
    result = run(tmp_path, one, ONE, **{COM: {"mailboxes": ["carol"]}})
    assert routed.fates(result) == {
        ONE: ("expanded", MX1, 2),
        "bob@example.net": ("delivered", MX1, 2),
        "carol@example.com": ("delivered", COM, 3),
        "gone@example.com": ("bounced", MX1, 2),
    }
    senders = mail(result)["sender"]
    assert senders[ONE] == "alice@example.org"
    assert set(senders.drop(ONE)) == {"news-bounces@example.net"}
    assert mail(result, "report")["fate"].to_dict() == {"news-bounces@example.net": "delivered"}
    assert mail(result).loc[ONE, "reply"].endswith("expanded to 3 recipients")
    sessions = result.sessions[result.sessions["server"] == COM]
    assert sessions["messages"].sum() == 1, "both members in one transaction"


def test_return_paths_that_tell_who_bounced(tmp_path: Path) -> None:
    """With VERP each member has a transaction, and each bounce an address that names one."""
    one = {"lists": {ONE: {"members": {"example.com": 4}, "verp": True}}, "mailboxes": []}
    result = run(tmp_path, one, ONE, **{COM: {"mailboxes": ["user1", "user4"]}})
    fates = routed.fates(result)
    assert [fates[f"user{i}@example.com"][0] for i in (1, 2, 3, 4)] == [
        "delivered", "bounced", "bounced", "delivered",
    ]  # fmt: skip
    assert mail(result, "report")["fate"].to_dict() == {
        "news-bounces+user2=example.com@example.net": "delivered",
        "news-bounces+user3=example.com@example.net": "delivered",
    }
    sessions = result.sessions[(result.sessions["server"] == COM)]
    assert sessions["messages"].sum() == 2, "one each for those who exist"
    depths = result.queues[(result.queues["host"] == MX1) & (result.queues["queue"] == "active")]
    assert depths["depth"].max() == 1, "all of it is one message in the queue"


@pytest.mark.row("X-XVERP")
@pytest.mark.parametrize(("asked", "mark"), [("XVERP", "+user2="), ("XVERP=-=", "-user2=")])
def test_a_client_may_ask_for_them(tmp_path: Path, asked: str, mark: str) -> None:
    """The server that the newsletter is submitted to does it, whatever the next ones offer."""
    traffic = routed.to("user1@example.com", "user2@example.com", sender="news@example.org")
    traffic["hello"]["params"] = {"mail": asked}
    offering = {"listen": {25: {"extensions": ["PIPELINING", "XVERP"]}}}
    hosts = {"out.example.org": offering, COM: {"mailboxes": ["user1"]}}
    result = routed.run(tmp_path, hosts, traffic=traffic)
    assert routed.fates(result) == {
        "user1@example.com": ("delivered", COM, 2),
        "user2@example.com": ("bounced", "out.example.org", 1),
    }
    reports = mail(result, "report")["fate"].to_dict()
    assert reports == {f"news{mark}example.com@example.org": "delivered"}
    refused = routed.run(tmp_path, {COM: {}}, traffic=traffic)
    assert set(refused.deliveries["reply"].str[:9]) == {"554 5.5.4"}


def test_ezmlm_puts_the_number_of_the_message_in_it(tmp_path: Path) -> None:
    one = {"lists": {ONE: {"members": ["carol@example.com"], "verp": "ezmlm"}}, "mailboxes": []}
    hosts = {MX1: one, COM: {"mailboxes": ["nobody"]}, "mx2.example.net": {"domains": []}}
    traffic = routed.to(ONE, every="5min")
    result = routed.run(tmp_path, hosts, "duration=9min", traffic=traffic)
    reports = result.deliveries[result.deliveries["traffic"] == "report"]
    assert reports["recipient"].tolist() == [
        "news-return-1-carol=example.com@example.net",
        "news-return-2-carol=example.com@example.net",
    ]


def test_an_owner_alias_makes_a_list_as_well(tmp_path: Path) -> None:
    aliases = {"team": "bob, gone@example.com", "owner-team": "bob"}
    nobody = {COM: {"mailboxes": ["nobody"]}}
    result = run(tmp_path, {"postfix": {"alias_maps": aliases}}, "team@example.net", **nobody)
    reports = mail(result, "report")["fate"]
    assert reports.to_dict() == {
        "owner-team@example.net": "expanded",
        "bob@example.net": "delivered",
    }


def test_duplicates_after_expansion_get_one_copy(tmp_path: Path) -> None:
    """Bob is a recipient himself, and a member twice; he has one copy of each sender's."""
    aliases = {"a": "carol@example.com, b", "b": "carol@example.com"}
    to = ("a@example.net", "b@example.net", "carol@example.com")
    result = run(tmp_path, {"postfix": {"alias_maps": aliases}}, *to[:2])
    assert routed.fates(result) == {
        "a@example.net": ("expanded", MX1, 2),
        "b@example.net": ("expanded", MX1, 2),
        "carol@example.com": ("delivered", COM, 3),
    }
    at_com = result.sessions[result.sessions["server"] == COM]
    assert at_com["messages"].sum() == 1
    assert mail(result).loc["b@example.net", "reply"].endswith("expanded to 0 recipients")


def test_aliases_of_two_hosts_that_lead_to_each_other_end_by_hopcount(tmp_path: Path) -> None:
    there = {"postfix": FORWARD | {"hopcount_limit": 12}}
    back = {"virtual_alias_maps": {"carol@example.com": "bob@example.net"}}
    hosts = {MX1: there, COM: {"postfix": back}, "mx2.example.net": {"domains": []}}
    result = routed.run(tmp_path, hosts)
    ended = result.deliveries[result.deliveries["fate"] == "bounced"].iloc[0]
    assert (ended["host"], ended["reply"]) == (COM, "554 5.4.0 Error: too many hops")
    assert ended["hops"] == 11
    expanded = result.deliveries[result.deliveries["fate"] == "expanded"]
    assert len(expanded) == 10, "at each host but the first"
    report = result.deliveries[result.deliveries["traffic"] == "report"].iloc[0]
    assert (report["recipient"], report["fate"]) == ("alice@example.org", "delivered")


@pytest.mark.row("X-DSN-EXPANDED")
def test_who_asked_for_it_hears_of_the_expansion(tmp_path: Path) -> None:
    traffic = routed.to("bob@example.net")
    traffic["hello"]["params"] = {"rcpt": "NOTIFY=SUCCESS"}
    hosts = {MX1: {"postfix": FORWARD}, "mx2.example.net": {"domains": []}}
    result = routed.run(tmp_path, hosts, traffic=traffic)
    reports = result.deliveries[result.deliveries["traffic"] == "report"]
    assert reports["recipient"].tolist() == ["alice@example.org"], "and no more of it"
    told = result.reports[["host", "recipient", "action", "status"]].to_numpy().tolist()
    assert told == [[MX1, "bob@example.net", "expanded", "2.0.0"]]


@pytest.mark.row("X-DSN-EXPANDED")
def test_a_message_to_a_list_is_delivered_to_it(tmp_path: Path) -> None:
    """RFC 3461 section 5.2.7.3: what the list sends is another message; nobody asks for that."""
    traffic = routed.to(ONE)
    traffic["hello"]["params"] = {"rcpt": "NOTIFY=SUCCESS"}
    hosts = {MX1: {"lists": {ONE: {"members": ["carol@example.com", "dave@example.net"]}}}}
    result = routed.run(tmp_path, hosts, traffic=traffic)
    told = result.reports[["host", "to", "recipient", "action", "status"]].to_numpy().tolist()
    assert told == [[MX1, "alice@example.org", ONE, "delivered", "2.0.0"]]
    assert routed.fates(result)[ONE] == ("expanded", MX1, 2)
