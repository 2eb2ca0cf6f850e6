"""Where mail goes, in small whole runs: hops, recipients, relays; both fidelities."""

from __future__ import annotations

from pathlib import Path

import routed


def test_several_hosts_behind_one_name_share_its_mail(tmp_path: Path) -> None:
    """Each of 64 messages goes to either by chance: 32 each, within 4 sigma."""
    traffic = routed.to("user@pool.example.net", every="10s")
    result = routed.run(tmp_path, {}, "duration=640s", traffic=traffic)
    hosts = result.deliveries["host"].value_counts()
    assert set(result.deliveries["fate"]) == {"delivered"}
    assert set(hosts.index) == {"a.example.net", "b.example.net"}
    assert abs(hosts["a.example.net"] - hosts.sum() / 2) < 4 * (hosts.sum() / 4) ** 0.5
    relays = result.attempts[result.attempts["host"] == "out.example.org"]["relay"]
    assert set(relays) == {
        "a.example.net[198.51.100.11]:25",
        "b.example.net[198.51.100.12]:25",
    }


RELAY = {"policies": [{"relay_control": {"from": ["out.example.org"]}}]}
MX1_DOWN = [{"host_down": "mx1.example.net", "at": "0s", "for": "10min"}]


def test_all_mail_goes_by_the_smarthost_but_for_exceptions(tmp_path: Path) -> None:
    out = {
        "postfix": {
            "relayhost": "[smart.example.org]",
            "transport_maps": {
                ".example.net": ":", "vip@example.com": "smtp:", "sub.example.net": "smtp:",
                "boss@example.net": "relay:[other.example.org]",
            },
        }
    }  # fmt: skip
    hosts = {"out.example.org": out, "smart.example.org": RELAY, "other.example.org": RELAY}
    names = ("bob@example.com", "vip@example.com", "boss@example.net", "x@sub.example.net")
    mailboxes = {"mx1.example.net": {"domains": ["example.net", "sub.example.net"]}}
    result = routed.run(tmp_path, hosts | mailboxes, traffic=routed.to(*names))
    assert routed.fates(result) == {
        "bob@example.com": ("delivered", "mx.example.com", 3),
        "vip@example.com": ("delivered", "mx.example.com", 2),
        "boss@example.net": ("delivered", "mx1.example.net", 3),
        "x@sub.example.net": ("delivered", "mx1.example.net", 2),
    }
    first = result.attempts[result.attempts["host"] == "out.example.org"]
    assert first.set_index("recipient")["destination"].to_dict() == {
        "bob@example.com": "[smart.example.org]",
        "vip@example.com": "example.com",
        "boss@example.net": "[other.example.org]",
        "x@sub.example.net": "sub.example.net",
    }


def test_a_backup_exchanger_keeps_mail_until_the_primary_is_back(tmp_path: Path) -> None:
    hosts = {"mx2.example.net": {"postfix": {"relay_domains": "example.net"}}}
    result = routed.run(tmp_path, hosts, faults=MX1_DOWN)
    assert routed.fates(result) == {"bob@example.net": ("delivered", "mx1.example.net", 3)}
    assert result.deliveries["ended_at_s"].iloc[0] > 600
    at_backup = result.attempts[result.attempts["host"] == "mx2.example.net"]
    assert set(at_backup["status"].iloc[:-1]) == {"deferred"}
    assert at_backup["relay"].iloc[-1] == "mx1.example.net[198.51.100.1]:25"
    called = result.sessions[result.sessions["client"] == "mx2.example.net"]["server"]
    assert set(called) == {"mx1.example.net"}, "never itself, nor one that is preferred less"


def test_a_backup_exchanger_knows_no_recipients_and_must_bounce(tmp_path: Path) -> None:
    mx1 = {"mailboxes": ["carol"], "policies": [{"relay_control": {"from": []}}]}
    down = [{"host_down": "mx1.example.net", "at": "0s", "for": "1min"}]
    hosts = {
        "mx1.example.net": mx1,
        "mx2.example.net": {"postfix": {"relay_domains": ["example.net"]}},
    }
    result = routed.run(tmp_path, hosts, faults=down)
    assert routed.fates(result)["bob@example.net"] == ("bounced", "mx2.example.net", 2)
    report = result.deliveries[result.deliveries["traffic"] == "report"].iloc[0]
    assert (report["recipient"], report["fate"]) == ("alice@example.org", "delivered")


def test_a_relay_refuses_what_is_of_no_relay_domain(tmp_path: Path) -> None:
    hosts = {
        "mx2.example.net": {"postfix": {"relay_domains": ["example.net"]}},
        "out.example.org": {"route": {"example.com": "[mx2.example.net]"}},
    }
    result = routed.run(tmp_path, hosts, traffic=routed.to("bob@example.com"))
    bounced = result.deliveries.iloc[0]
    assert bounced["reply"] == "554 5.7.1 <bob@example.com>: Relay access denied"


def test_a_fallback_relay_takes_what_cannot_be_delivered(tmp_path: Path) -> None:
    hosts = {
        "out.example.org": {"postfix": {"smtp_fallback_relay": "[smart.example.org]"}},
        "smart.example.org": RELAY,
        "mx1.example.net": {"domains": ["example.net"]},
    }
    names = ("bob@example.com", "bob@example.net")
    down = [{"host_down": "mx.example.com", "at": "0s", "for": "5min"}]
    result = routed.run(tmp_path, hosts, traffic=routed.to(*names), faults=down)
    assert routed.fates(result) == {
        "bob@example.net": ("delivered", "mx1.example.net", 2),
        "bob@example.com": ("delivered", "mx.example.com", 3),
    }
    first = result.attempts[result.attempts["host"] == "out.example.org"]
    sent = first[first["recipient"] == "bob@example.com"].iloc[0]
    assert (sent["destination"], sent["relay"], sent["status"]) == (
        "example.com", "smart.example.org[192.0.2.26]:25", "sent",
    )  # fmt: skip


def test_a_fallback_relay_is_for_domains_not_found_and_not_for_loops(tmp_path: Path) -> None:
    """The exchanger of a domain that is not responsible for it must not send it around."""
    hosts = {
        "out.example.org": {
            "postfix": {"smtp_fallback_relay": ["[smart.example.org]"]},
            "domains": ["example.com"],
        },
        "smart.example.org": RELAY | {"domains": ["gone.example"]},
    }
    traffic = routed.to("a@example.org", "b@gone.example", sender="alice@example.com")
    more = routed.SCENARIO["zones"] | {"gone.example": "@ MX 10 smart.example.org.\n"}
    ns = {"dns": ["example.org", "example.net", "example.com", "gone.example"]}
    result = routed.run(tmp_path, hosts | {"ns.example.org": ns}, traffic=traffic, zones=more)
    assert routed.fates(result) == {
        "a@example.org": ("bounced", "out.example.org", 1),
        "b@gone.example": ("delivered", "smart.example.org", 2),
    }
    reply = result.deliveries.set_index("recipient").loc["a@example.org", "reply"]
    assert reply == "554 5.4.6 mail for example.org loops back to myself"


def test_a_gateway_and_split_relays_for_in_and_out_and_merged_again(tmp_path: Path) -> None:
    """Two domains leave by different relays and come in by one gateway, each its own way."""
    hosts = {
        "out.example.org": {
            "route": {"example.net": "[smart.example.org]", "example.com": "[other.example.org]"}
        },
        "smart.example.org": RELAY | {"route": {"*": "[mx2.example.net]"}},
        "other.example.org": RELAY | {"route": {"*": "[mx2.example.net]"}},
        "mx2.example.net": {"postfix": {"relay_domains": "example.net, example.com"}},
    }
    names = ("bob@example.com", "bob@example.net")
    result = routed.run(tmp_path, hosts, traffic=routed.to(*names))
    assert routed.fates(result) == {
        "bob@example.net": ("delivered", "mx1.example.net", 4),
        "bob@example.com": ("delivered", "mx.example.com", 4),
    }
    assert routed.servers(result).count("mx2.example.net") == 2


def test_a_name_without_mx_is_its_own_exchanger(tmp_path: Path) -> None:
    """RFC 5321 section 5.1: the name of a host, and one that only has its address."""
    zones = routed.SCENARIO["zones"] | {"example.com": "@ A 203.0.113.1\nmx A 203.0.113.1\n"}
    names = ("bob@example.com", "eve@other.example.org", "bob@example.net")
    result = routed.run(
        tmp_path,
        {"other.example.org": {"mailboxes": ["eve"]}},
        traffic=routed.to(*names),
        zones=zones,
    )
    assert routed.fates(result) == {
        "bob@example.com": ("delivered", "mx.example.com", 2),
        "eve@other.example.org": ("delivered", "other.example.org", 2),
        "bob@example.net": ("delivered", "mx1.example.net", 2),
    }
