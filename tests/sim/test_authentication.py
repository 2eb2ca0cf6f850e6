"""SPF, DKIM and DMARC in whole runs, and a real signature whose key the simulated DNS has.

Every run here is made twice, the second time with ``fidelity: wire``: the rows are the same.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import dkim
import pandas as pd
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

import mailsim as ms
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.message import Head, new_content
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.resolver import Resolver

SCENARIO = """
mailsim: 1
duration: 1min
zones:
  example.org: |
    $TTL 300
    @ MX 10 out
    @ TXT "v=spf1 mx -all"
    out A 192.0.2.25
    out TXT "v=spf1 a -all"
    relay A 192.0.2.26
    s1._domainkey TXT "v=DKIM1; k=rsa; p=MIIB"
    _dmarc TXT "v=DMARC1; p=reject"
  example.net: "@ 300 IN MX 10 mx\\nmx 300 IN A 198.51.100.25"
hosts:
  office.example.org: {clients: {submit_to: out.example.org, port: 25}}
  out.example.org:
    dkim: {example.org: s1}
    policies: [{relay_control: {from: [office.example.org]}}]
  relay.example.org: {policies: [{relay_control: {from: [out.example.org]}}]}
  mx.example.net: {policies: [{spf: {}}, {dkim: {verify_time: 7ms}}, {dmarc: {}}]}
  ns.example.org: {dns: [example.org, example.net]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic:
  hello: {from: alice@example.org, to: bob@example.net, arrivals: {once: 1s}}
"""
QUOTA = "hosts.out.example.org.policies=[{quota: {size: 1 GB}}]"
UNSIGNED = "hosts.out.example.org.dkim={}"
BY_RELAY = "hosts.out.example.org.route={example.net: '[relay.example.org]'}"
ANY_SPF = "hosts.mx.example.net.policies.0.spf={mail_from_reject: never}"


def run(tmp_path: Path, *sets: str, replaced: tuple[str, str] = ("", "")) -> ms.Run:
    path = tmp_path / "authentication.yaml"
    path.write_text(SCENARIO.replace(*replaced), encoding="utf-8")
    flights, wire = (ms.load(path, *sets, f"fidelity={f}").run() for f in ("flights", "wire"))
    for name in ("deliveries", "attempts", "sessions", "lookups", "authentication"):
        pd.testing.assert_frame_equal(getattr(flights, name), getattr(wire, name))
    return flights


def last_reply(result: ms.Run) -> str:
    """Return what the receiver answered in the end."""
    rows = result.attempts[result.attempts["relay"].str.startswith("mx.example.net")]
    text: str = rows["reply"].iloc[-1]
    return text


def test_what_a_message_of_good_standing_makes_its_receiver_ask(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert last_reply(result).startswith("2.0.0 Ok")
    mine = result.lookups[result.lookups["host"] == "mx.example.net"]
    assert list(zip(mine["name"], mine["type"], mine["answered_by"] == "cache", strict=True)) == [
        ("out.example.org", "TXT", False),
        ("out.example.org", "A", False),
        ("example.org", "TXT", False),
        ("example.org", "MX", False),
        ("out.example.org", "A", True),
        ("s1._domainkey.example.org", "TXT", False),
        ("example.org", "TXT", True),
        ("example.org", "MX", True),
        ("out.example.org", "A", True),
        ("s1._domainkey.example.org", "TXT", True),
        ("_dmarc.example.org", "TXT", False),
    ]
    plain = run(tmp_path, "hosts.mx.example.net.policies=[]", UNSIGNED)
    costs = [one.attempts["d_s"].iloc[-1] for one in (result, plain)]
    assert costs[0] - costs[1] == pytest.approx(6 * 0.020 + 0.007, abs=1e-5)
    told = result.authentication.drop(columns=["at_s", "host", "client"]).to_numpy().tolist()
    assert [[None if pd.isna(row[0]) else row[0], *row[1:]] for row in told] == [
        [None, "spf", "smtp.helo", "out.example.org", "pass", "a"],
        [None, "spf", "smtp.mailfrom", "example.org", "pass", "mx"],
        [1, "dkim", "header.d", "example.org", "pass", ""],
        [
            *(1, "dmarc", "header.from", "example.org", "pass"),
            "none by example.org; spf=pass dkim=pass",
        ],
    ]
    assert result.authentication["at_s"].is_monotonic_increasing
    assert len(plain.authentication) == 0
    sizes = [one.sessions["sent_bytes"].iloc[-1] for one in (result, plain)]
    assert sizes[0] - sizes[1] == 513, "its signature"


def test_a_client_that_spf_does_not_name_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, BY_RELAY)
    text = "5.7.23 SPF MAIL FROM check of example.org for 192.0.2.26: fail (-all)"
    assert last_reply(result) == text
    assert result.deliveries["fate"].iloc[0] == "bounced"


def test_a_signature_answers_for_what_another_host_passes_on(tmp_path: Path) -> None:
    assert last_reply(run(tmp_path, BY_RELAY, ANY_SPF)).startswith("2.0.0 Ok")
    reply = last_reply(run(tmp_path, BY_RELAY, ANY_SPF, UNSIGNED))
    text = "5.7.1 Email rejected per DMARC policy for example.org (example.org)"
    assert reply == f"{text}: spf=fail dkim=none"
    gone = ("s1._domainkey", "s2._domainkey")
    reply = last_reply(run(tmp_path, BY_RELAY, ANY_SPF, replaced=gone))
    assert reply.endswith("spf=fail dkim=permerror")


def test_what_stays_at_home_is_not_signed(tmp_path: Path) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    sizes = []
    for sets in ([], [UNSIGNED]):
        scenario = load_scenario(path, ["traffic.hello.to=carol@example.org", QUOTA, *sets])
        world = build_world(scenario, 1, Log())
        world.env.run(until=60 * SECOND)
        mailboxes = world.mail_hosts["out.example.org"]._mailboxes
        sizes.append(mailboxes.stored("carol@example.org"))
    assert sizes[0] == sizes[1]
    assert sizes[0].messages == 1


def test_a_real_signature_verifies_by_a_key_that_the_simulated_dns_has(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    text = base64.b64encode(public).decode()
    path = tmp_path / "real.yaml"
    path.write_text(SCENARIO.replace('p=MIIB"', f'p={text[:200]}" "{text[200:]}"'))
    world = build_world(load_scenario(path), 1, Log())
    resolver = Resolver.of(world, "mx.example.net")

    def dnsfunc(name: bytes, timeout: float = 5) -> bytes | None:
        def process() -> Generator[Any, Any, Any]:
            question = name.decode().removesuffix("."), "TXT"
            return (yield from resolver.answer(*question, world.next_number()))

        answer = world.env.run(until=world.env.process(process()))
        return answer.data[0].encode() if answer.data else None

    head = Head(1, "out.example.org", "alice@example.org", "bob@example.net", "hello", 0)
    message = new_content(head, 500).to_bytes()
    signed = dkim.sign(message, b"s1", b"example.org", private) + message
    assert dkim.verify(signed, dnsfunc=dnsfunc)
    assert world.env.now == 20 * SECOND // 1000, "a round trip to the name server"
    assert not dkim.verify(signed.replace(b"hello", b"[list] hello"), dnsfunc=dnsfunc)
    assert not dkim.verify(signed.replace(b"s=s1;", b"s=s9;"), dnsfunc=dnsfunc)
    rows = [json.dumps(row[2:6]) for row in world.log.lookups]
    assert any("s1._domainkey.example.org" in row and "ns.example.org" in row for row in rows)
