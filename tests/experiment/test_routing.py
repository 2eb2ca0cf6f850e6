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
                "slow:[smart.example.org] | expected a domain or [host], got "
                "'slow:[smart.example.org]'"
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


def test_what_ends_or_branches_is_no_loop(tmp_path: Path) -> None:
    """A host that is responsible ends the way; where there is a choice nobody can tell."""
    hosts = {
        OUT: {"route": {"example.net": f"[{SMART}]", "example.org": f"[{SMART}]"}},
        SMART: {"route": {"example.net": "pool.example.net", "example.org": "mail.example.net"}},
        "a.example.net": {"route": {"example.net": f"[{OUT}]"}},
    }
    load_scenario(routed.write(tmp_path, hosts))
