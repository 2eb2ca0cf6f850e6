"""Hosts of both families, and of one: what they ask for, connect to, and say of each other."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario

SCENARIO = """
mailsim: 1
duration: 1min
record: {events: true}
dns: {delegation: true}
zones:
  ".": |
    org NS ns.org.
    ns.org AAAA 2001:db8::53
    net NS ns.org.
    example NS ns.org.
  org: |
    $TTL 1h
    example MX 10 out.example
    out.example A 192.0.2.25
    out.example AAAA 2001:db8::25
    old.example MX 10 out4.example
    out4.example A 192.0.2.26
    six.example AAAA 2001:db8::26
    ns AAAA 2001:db8::53
  net: |
    $TTL 1h
    example MX 10 mx6.example
    both.example MX 10 mx.example
    mx6.example AAAA 2001:db8:1::1
    mx.example A 198.51.100.1
    mx.example A 198.51.100.2
    mx.example AAAA 2001:db8:1::2
    office.example A 198.51.100.9
  example: "@ AAAA 2001:db8::99"
hosts:
  six.example.org: {clients: {submit_to: out.example.org, port: 25, tls: none}}
  out.example.org:
    policies: [{relay_control: {from: [six.example.org]}}]
    postfix: {smtp_address_preference: ipv6, smtp_tls_security_level: none}
  out4.example.org: {policies: [{relay_control: {from: [old.example.org]}}]}
  old.example.org: {clients: {submit_to: out4.example.org, port: 25, tls: none}}
  mx6.example.net: {mailboxes: ["*"]}
  mx.example.net: {mailboxes: ["*"]}
  root: {dns: ["."]}
  ns.org: {dns: [org, net, example]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic:
  new: {from: six.example.org, to: {example.net: 50%, both.example.net: 50%}, arrivals: {every: 5s}}
"""


def attempts(path: Path, *changes: tuple[str, str]) -> pd.DataFrame:
    """Run the scenario; return its attempts."""
    text = SCENARIO
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    scenario = path / "s.yaml"
    scenario.write_text(text, encoding="utf-8")
    return ms.load(scenario).run(seed=1).frames["attempts"]


@pytest.mark.row("R-06")
def test_an_exchanger_with_ipv6_alone_is_reached(tmp_path: Path) -> None:
    rows = attempts(tmp_path)
    sent = rows[rows["host"] == "out.example.org"]
    assert set(rows["status"]) == {"sent"}
    assert dict(sent.groupby("destination")["relay"].agg(set)) == {
        "example.net": {"mx6.example.net[2001:db8:1::1]:25"},
        "both.example.net": {"mx.example.net[2001:db8:1::2]:25"},
    }
    submitted = rows[rows["host"] == "six.example.org"]
    assert set(submitted["relay"]) == {"out.example.org[2001:db8::25]:25"}


SPY = """
from mailsim.mta.policies import Policy

SEEN = []


class Spy(Policy):
    @classmethod
    def from_options(cls, options):
        return cls()

    def on_rcpt(self, seen, now_ns):
        SEEN.append((seen.client, seen.address))
"""


@pytest.mark.row("R-06")
@pytest.mark.parametrize("fidelity", ["flights", "wire"])
def test_the_server_sees_the_address_of_the_family_that_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fidelity: str
) -> None:
    name = f"spy_of_{fidelity}"
    (tmp_path / f"{name}.py").write_text(SPY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    spied = f'"{name}:Spy": {{}}'
    attempts(
        tmp_path,
        ("duration: 1min", f"duration: 1min\nfidelity: {fidelity}"),
        ("policies: [{relay", f"policies: [{{{spied}}}, {{relay"),
        ('mailboxes: ["*"]', f'mailboxes: ["*"], policies: [{{{spied}}}]'),
    )
    assert set(import_module(name).SEEN) == {
        ("six.example.org", "2001:db8::26"),
        ("out.example.org", "2001:db8::25"),
    }


def test_an_address_that_is_not_the_first_is_named(tmp_path: Path) -> None:
    """The first one leads nowhere; the second is the same host's."""
    ipv4 = ("smtp_address_preference: ipv6", "smtp_address_preference: ipv4")
    first = (
        "both.example MX 10 mx.example",
        "both.example MX 10 two.example\n    two.example A 203.0.113.1",
    )
    second = ("198.51.100.2", "198.51.100.2\n    two.example A 198.51.100.2")
    rows = attempts(tmp_path, ipv4, first, second)
    assert "mx.example.net[198.51.100.2]:25" in set(rows["relay"])


@pytest.mark.row("R-06")
def test_without_a_common_family_there_is_no_way(tmp_path: Path) -> None:
    """A server of the glue is out of reach too: an IPv4 host finds no name server at all."""
    old = ("new: {from: six", "new: {from: old")
    glue = ("ns.org AAAA 2001:db8::53\n    net", "ns.org A 192.0.2.53\n    net")
    rows = attempts(tmp_path, old, glue)
    bounced = rows[(rows["host"] == "out4.example.org") & (rows["destination"] == "example.net")]
    assert set(bounced["status"]) == {"bounced"}
    text = "name=mx6.example.net type=A: Host found but no data record of requested type"
    assert all(row.endswith(text) for row in bounced["reply"])
    rows = attempts(tmp_path, old)
    assert set(rows["status"]) == {"refused"}
    assert rows["reply"].str.contains("try again").all(), "no server could be asked"


def test_clients_without_a_family_of_their_server_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO.replace("submit_to: out.", "submit_to: out4."), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert "six.example.org cannot reach out4.example.org: one has IPv4" in str(caught.value)
