"""Transport maps, smarthosts and relay domains that cannot be meant: errors with positions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import routed

from mailsim.experiment.check import load_scenario

OUT, SMART, OTHER = "out.example.org", "smart.example.org", "other.example.org"


@pytest.mark.parametrize(
    ("postfix", "expected"),
    [
        (
            {"relayhost": "smrt.example.org"},
            (
                "smrt.example.org | relayhost 'smrt.example.org' is no known host; did you mean "
                "'smart.example.org'?"
            ),
        ),
        (
            {"relayhost": "[smart.example.org]:587"},
            (
                "'[smart.example.org]:587' | expected a domain or [host], got "
                "'[smart.example.org]:587'"
            ),
        ),
        (
            {"smtp_fallback_relay": "smart.example.org, [xyz.test]"},
            (
                "smtp_fallback_relay: smart.example.org, [xyz.test] | fallback relay "
                "'[xyz.test]' is no known host"
            ),
        ),
        (
            {"relay_domains": ["example.nt"]},
            (
                "example.nt | unknown domain 'example.nt': no zone has its MX; did you mean "
                "'example.net'?"
            ),
        ),
        (
            {"transport_maps": {"a@b@c": "smart.example.org"}},
            (
                "a@b@c: smart.example.org | expected a domain, .domain, an address or * of "
                "recipients, got 'a@b@c'"
            ),
        ),
        (
            {"transport_maps": {"example.net": "slow:[smart.example.org]"}},
            (
                "slow:[smart.example.org] | unknown transport 'slow': known are smtp, relay, "
                "error, retry, discard"
            ),
        ),
        (
            {"transport_maps": {"example.net": "eror:5.1.1 gone"}},
            (
                "eror:5.1.1 gone | unknown transport 'eror': known are smtp, relay, error, "
                "retry, discard; did you mean 'error'?"
            ),
        ),
        (
            {"transport_maps": {"example.net": "smart:25"}},
            (
                "smart:25 | expected a domain or [host] as next hop, got 'smart:25': mail goes to "
                "port 25 of a host by name"
            ),
        ),
        (
            {"transport_maps": {"example.net": "error:4.7.1 not now"}},
            (
                "error:4.7.1 not now | error: takes codes of class 5, got 4.7.1; did you mean "
                "'retry:4.7.1 not now'?"
            ),
        ),
        (
            {"transport_maps": {"example.net": "discard:5.1.1 x"}},
            "discard:5.1.1 x | discard: takes codes of class 2, got 5.1.1",
        ),
        (
            {"transport_maps": {"example.net": "retry:n\u00e4her"}},
            (
                '"retry:n\\xE4her" | expected a reason of at most 400 printable ASCII characters '
                "after retry:, got 'n\u00e4her'"
            ),
        ),
        (
            {"transport_maps": {"example.net": ""}},
            "'' | expected a domain or [host], got ''",
        ),
        (
            {"relay_host": "smart.example.org"},
            "relay_host: smart.example.org | unknown key 'relay_host'; did you mean 'relayhost'?",
        ),
    ],
)
def test_next_hops(tmp_path: Path, postfix: dict[str, Any], expected: str) -> None:
    assert routed.errors(tmp_path, {SMART: {"domains": []}, OUT: {"postfix": postfix}}) == [
        expected
    ]


def test_what_contradicts(tmp_path: Path) -> None:
    both = {
        "route": {"example.net": f"[{SMART}]"},
        "postfix": {
            "transport_maps": {"example.net": "smtp:"},
            "relay_domains": ["example.com"],
        },
        "domains": ["example.org", "example.com"],
    }
    assert routed.errors(tmp_path, {SMART: {"domains": []}, OUT: both}) == [
        f"example.net: '[{SMART}]' | example.net is in transport_maps, too; expected one of them",
        (
            "example.com | example.com is of relay_domains, too; its mail ends here or goes on, "
            "not both"
        ),
    ]


@pytest.mark.parametrize("key", ["example.org", "Bob@example.org"])
def test_mail_that_ends_here_is_not_sent_on(tmp_path: Path, key: str) -> None:
    out = {"route": {key: f"[{SMART}]", ".example.org": f"[{SMART}]", "x@example.org": "error:"}}
    assert routed.errors(tmp_path, {SMART: {"domains": []}, OUT: out}) == [
        (
            f"{key}: '[{SMART}]' | no effect: mail for example.org ends at {OUT}; only error:, "
            "retry: and discard: come before that"
        ),
    ]


def test_keys_are_domains_in_any_letters(tmp_path: Path) -> None:
    out = {"postfix": {"transport_maps": {"example.net": f"[{SMART}]", "Example.NET": ":"}}}
    assert routed.errors(tmp_path, {SMART: {"domains": []}, OUT: out}) == [
        "Example.NET: ':' | Example.NET is the same as example.net before; expected one of them",
    ]


@pytest.mark.parametrize("name", ["smtp", "error"])
def test_transports_that_are_there_already(tmp_path: Path, name: str) -> None:
    out = {"scheduler": "preemptive", "transports": {name: {"maxproc": 2}}}
    assert routed.errors(tmp_path, {OUT: out}) == [
        (
            f"{name}: |transport {name}: is Postfix's own, whose parameters stand under postfix; "
            "expected another name"
        )
        .replace(" |", "| ", 1)
        .replace("| ", " | ", 1),
    ]


def test_a_transport_that_begins_above_its_limit(tmp_path: Path) -> None:
    own = {"initial_destination_concurrency": 9, "destination_concurrency_limit": 2}
    out = {"scheduler": "preemptive", "transports": {"slow": own}}
    assert routed.errors(tmp_path, {OUT: out}) == [
        "9 | expected at most destination_concurrency_limit, 2, got 9",
    ]


def test_a_warning_of_what_is_gone_by_then(tmp_path: Path) -> None:
    out = {"postfix": {"delay_warning_time": "6d"}}
    assert routed.errors(tmp_path, {OUT: out}) == [
        (
            "6d | delay_warning_time, 6 d, is above maximal_queue_lifetime, 5 d: the message is "
            "gone by then"
        ),
    ]


def test_a_reason_is_no_host_that_mail_goes_to(tmp_path: Path) -> None:
    """Nor does mail loop that leads nowhere."""
    hosts = {
        OUT: {"route": {"example.net": f"[{SMART}]"}},
        SMART: {"route": {"example.net": f"error:{OUT}", "example.com": f"discard:[{OUT}]"}},
    }
    load_scenario(routed.write(tmp_path, hosts))


def test_transport_maps_that_loop(tmp_path: Path) -> None:
    hosts = {
        OUT: {"route": {"example.net": f"[{SMART}]"}},
        SMART: {"postfix": {"transport_maps": {".example.net": f"[{OUT}]", "example.net": OTHER}}},
        OTHER: {"postfix": {"relayhost": f"[{OUT}]"}},
    }
    assert routed.errors(tmp_path, hosts) == [
        (
            f"'[{SMART}]' | the transport map loops: mail for example.net goes {OUT} -> {SMART} -> "
            f"{OTHER} -> {OUT}"
        ),
    ]


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (
            {OUT: {"route": {"vip@example.net": f"[{OUT}]"}}},
            f"'[{OUT}]' | the transport map loops: mail for example.net goes {OUT} -> {OUT}",
        ),
        (
            {OUT: {"postfix": {"relayhost": SMART}}, SMART: {"postfix": {"relayhost": OUT}}},
            f"{SMART} | the transport map loops: mail goes {OUT} -> {SMART} -> {OUT}",
        ),
        (
            {
                OUT: {"route": {"*": f"[{SMART}]"}, "domains": []},
                SMART: {"route": {"example.org": "example.org"}},
            },
            (
                f"'[{SMART}]' | the transport map loops: mail for example.org goes {OUT} -> "
                f"{SMART} -> {OUT}"
            ),
        ),
    ],
)
def test_loops_of_other_kinds(tmp_path: Path, hosts: dict[str, Any], expected: str) -> None:
    assert routed.errors(tmp_path, hosts) == [expected]


def test_a_smarthost_that_sends_mail_of_a_relay_domain_back(tmp_path: Path) -> None:
    """The gateway is the exchanger, and sends all to a smarthost that asks the DNS."""
    hosts = {
        "mx1.example.net": {
            "postfix": {"relay_domains": ["example.net"], "relayhost": f"[{SMART}]"}
        },
        SMART: {"domains": []},
    }
    assert routed.errors(tmp_path, hosts) == [
        (
            f"'[{SMART}]' | the transport map loops: mail for example.net goes "
            f"mx1.example.net -> {SMART} -> mx1.example.net"
        ),
    ]


def test_what_ends_or_branches_is_no_loop(tmp_path: Path) -> None:
    """A host that is responsible ends the way; where there is a choice nobody can tell."""
    hosts = {
        OUT: {"route": {"example.net": f"[{SMART}]"}, "postfix": {"relayhost": f"[{SMART}]"}},
        SMART: {"route": {"example.net": "pool.example.net", "example.org": "mail.example.net"}},
        "a.example.net": {"route": {"example.net": f"[{OUT}]"}},
    }
    load_scenario(routed.write(tmp_path, hosts))
