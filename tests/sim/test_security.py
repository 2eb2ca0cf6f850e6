"""DANE and MTA-STS on the sender's side: what they ask, what that costs, what comes of it.

Every run here is made twice, the second time with ``fidelity: wire``: the rows are the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import mailsim as ms
from mailsim.errors import ConfigError

TLSA = "3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1"
ZONE = [
    "@ 300 IN MX 10 mx1",
    "@ 300 IN MX 20 mx2",
    "mx1 300 IN A 198.51.100.25",
    "mx2 300 IN A 198.51.100.26",
    "www 300 IN A 198.51.100.80",
    "mta-sts 300 IN A 198.51.100.80",
    '_mta-sts 300 IN TXT "v=STSv1; id=1;"',
]
SCENARIO = """
mailsim: 1
duration: 10min
zones:
  example.org: "@ 3600 IN MX 10 out\\nout 3600 IN A 192.0.2.25"
  example.net: ""
dns: {signed: [example.net]}
hosts:
  office.example.org: {clients: {submit_to: out.example.org, port: 25}}
  out.example.org: {policies: [{relay_control: {from: [office.example.org]}}]}
  mx1.example.net: {}
  mx2.example.net: {}
  www.example.net: {mta_sts: {example.net: {mode: enforce, mx: ["*.example.net"], max_age: 1d}}}
  ns.example.org: {dns: [example.org, example.net]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic:
  hello: {from: alice@example.org, to: bob@example.net, arrivals: {once: 1s}}
"""
POSTFIX = "hosts.out.example.org.postfix"
DANE = f"{POSTFIX}.smtp_tls_security_level=dane"
DANE_ONLY = f"{POSTFIX}.smtp_tls_security_level=dane-only"
STS = f"{POSTFIX}.smtp_tls_policy_maps={{'*': mta-sts}}"
RIGHT = f"hosts.mx1.example.net.certificate={{tlsa: ['{TLSA}']}}"
UNTRUSTED = "hosts.mx1.example.net.certificate={trusted: false}"
NO_TLS = "hosts.mx1.example.net.listen={25: {tls: none}}"
TLSA_1 = f"_25._tcp.mx1 300 IN TLSA {TLSA}"
TESTING = "hosts.www.example.net.mta_sts.example.net.mode=testing"


def run(tmp_path: Path, *sets: str, zone: list[str] = ZONE) -> ms.Run:
    path = tmp_path / "security.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    sets = (f"zones.example.net={json.dumps(chr(10).join(zone))}", "duration=1min", *sets)
    flights, wire = (ms.load(path, *sets, f"fidelity={f}").run() for f in ("flights", "wire"))
    for name in ("deliveries", "attempts", "sessions", "lookups"):
        pd.testing.assert_frame_equal(getattr(flights, name), getattr(wire, name))
    return flights


def outcome(result: ms.Run) -> tuple[str, str]:
    """Return where the message ended, and the last reply the sender had; one attempt only."""
    rows = result.attempts[result.attempts["host"] == "out.example.org"]
    assert len(rows) == 1
    return rows["relay"].iloc[0].partition("[")[0], rows["reply"].iloc[0]


def asked(result: ms.Run) -> list[tuple[str, str, str]]:
    """Return what the sender asked about the destination, in order, with what came of it."""
    rows = result.lookups[result.lookups["host"] == "out.example.org"]
    return list(zip(rows["name"], rows["type"], rows["status"], strict=True))


def test_dane_asks_for_tlsa_records_and_takes_a_certificate_that_fits(tmp_path: Path) -> None:
    result = run(tmp_path, DANE, RIGHT, zone=[*ZONE, TLSA_1])
    assert outcome(result)[0] == "mx1.example.net"
    assert asked(result) == [
        ("example.net", "MX", "NOERROR"),
        ("mx1.example.net", "A", "NOERROR"),
        ("mx2.example.net", "A", "NOERROR"),
        ("_25._tcp.mx1.example.net", "TLSA", "NOERROR"),
    ]
    assert result.sessions["tls"].tolist() == ["", "starttls"]
    plain = run(tmp_path)
    costs = [one.attempts["c_s"].sum() for one in (result, plain)]
    assert costs[0] - costs[1] == pytest.approx(0.020, abs=1e-6), "a round trip more"


def test_a_certificate_that_does_not_fit_sends_mail_to_the_next_exchanger(tmp_path: Path) -> None:
    result = run(tmp_path, DANE, zone=[*ZONE, TLSA_1])
    relay, reply = outcome(result)
    assert relay == "mx2.example.net"
    assert reply.startswith("2.0.0 Ok")
    assert result.sessions["outcome"].tolist()[1:] == [
        "450 4.7.5 Server certificate not verified",
        "quit",
    ]


def test_where_none_fits_it_is_deferred(tmp_path: Path) -> None:
    zone = [*ZONE, TLSA_1, f"_25._tcp.mx2 300 IN TLSA {TLSA}"]
    relay, reply = outcome(run(tmp_path, DANE, zone=zone))
    assert relay == "mx2.example.net"
    assert reply == "4.7.5 Server certificate not verified"


@pytest.mark.parametrize(
    ("sets", "zone", "relay", "reply"),
    [
        ((DANE, NO_TLS), [], "mx1", "2.0.0 Ok"),
        ((DANE, NO_TLS), [TLSA_1], "mx2", "2.0.0 Ok"),
        ((DANE, NO_TLS), ["_25._tcp.mx1 TLSA 1 1 0 aa"], "mx2", "2.0.0 Ok"),
        ((DANE, UNTRUSTED), ["_25._tcp.mx1 TLSA 1 1 0 aa"], "mx1", "2.0.0 Ok"),
        ((DANE, "dns.signed=[]", NO_TLS), [TLSA_1], "mx1", "2.0.0 Ok"),
        ((DANE_ONLY,), [], "none", "4.7.5 no usable TLSA records for mx2.example.net:25"),
        (
            (DANE_ONLY, "dns.signed=[]"),
            [TLSA_1],
            "none",
            "4.7.5 non DNSSEC destination: mx2.example.net",
        ),
        ((DANE_ONLY, RIGHT), [TLSA_1], "mx1", "2.0.0 Ok"),
    ],
)
def test_levels(
    tmp_path: Path, sets: tuple[str, ...], zone: list[str], relay: str, reply: str
) -> None:
    found = outcome(run(tmp_path, *sets, zone=[*ZONE, *zone]))
    assert found[0] == relay + ("" if relay == "none" else ".example.net")
    assert found[1].startswith(reply)


def test_a_tlsa_question_without_answer_passes_the_host_over(tmp_path: Path) -> None:
    zone = [*ZONE, "_25._tcp.mx1 300 IN CNAME loop", "loop 300 IN CNAME _25._tcp.mx1"]
    with pytest.raises(ConfigError, match="CNAME loop"):
        run(tmp_path, DANE, zone=zone)
    zone = [*ZONE, "_tcp.mx1 300 IN NS ns.nowhere.example."]
    assert outcome(run(tmp_path, DANE, zone=zone))[0] == "mx2.example.net"


def test_one_level_for_one_destination_and_all_below_another(tmp_path: Path) -> None:
    level = f"{POSTFIX}.smtp_tls_policy_maps="
    for key in ("example.net", ".net", "'*'"):
        relay, _ = outcome(run(tmp_path, f"{level}{{{key}: encrypt}}", NO_TLS))
        assert relay == "mx2.example.net", key
    relay, _ = outcome(run(tmp_path, f"{level}{{.example.net: encrypt, org: encrypt}}", NO_TLS))
    assert relay == "mx1.example.net"


def test_mta_sts_costs_two_lookups_and_three_round_trips(tmp_path: Path) -> None:
    result = run(tmp_path, STS)
    assert outcome(result)[0] == "mx1.example.net"
    assert asked(result)[3:] == [
        ("_mta-sts.example.net", "TXT", "NOERROR"),
        ("mta-sts.example.net", "A", "NOERROR"),
        ("mta-sts.example.net", "MTA-STS", "200"),
    ]
    fetch = result.lookups[result.lookups["type"] == "MTA-STS"].iloc[0]
    assert fetch["answered_by"] == "www.example.net"
    assert fetch["elapsed_s"] == pytest.approx(4 * 0.020, abs=1e-9), "address, TCP, TLS, HTTP"
    assert fetch["ttl_s"] == 86400
    costs = [one.attempts["c_s"].sum() for one in (result, run(tmp_path))]
    assert costs[0] - costs[1] == pytest.approx(5 * 0.020, abs=1e-6)


def test_a_policy_is_fetched_once_while_it_is_kept_and_its_id_stays(tmp_path: Path) -> None:
    often = ("traffic.hello.arrivals={every: 10s}", "duration=15min", STS)
    result = run(tmp_path, *often)
    assert (result.lookups["type"] == "MTA-STS").sum() == 1
    short = "hosts.www.example.net.mta_sts.example.net.max_age=2min"
    result = run(tmp_path, *often, short)
    assert 6 <= (result.lookups["type"] == "MTA-STS").sum() <= 8


def test_many_deliveries_at_once_share_a_fetch(tmp_path: Path) -> None:
    result = run(tmp_path, "traffic.hello.arrivals={every: 20ms}", "duration=2s", STS)
    assert (result.lookups["type"] == "MTA-STS").sum() == 1
    assert len(result.deliveries) > 20


@pytest.mark.parametrize(
    ("sets", "relay", "reply"),
    [
        ((UNTRUSTED,), "mx2", "2.0.0 Ok"),
        (("hosts.mx1.example.net.certificate={names: [x.example.net]}",), "mx2", "2.0.0 Ok"),
        (("hosts.mx1.example.net.certificate={names: ['*.example.net']}",), "mx1", "2.0.0 Ok"),
        ((NO_TLS,), "mx2", "2.0.0 Ok"),
        (("hosts.www.example.net.mta_sts.example.net.mx=[mx2.example.net]",), "mx2", "2.0.0 Ok"),
        (
            ("hosts.www.example.net.mta_sts.example.net.mx=[mx.example.org]",),
            "none",
            "4.7.5 mx2.example.net is not in the MTA-STS policy of example.net",
        ),
        ((UNTRUSTED, TESTING), "mx1", "2.0.0 Ok"),
        ((NO_TLS, TESTING), "mx1", "2.0.0 Ok"),
        ((NO_TLS, "hosts.www.example.net.mta_sts.example.net.mode=none"), "mx1", "2.0.0 Ok"),
        ((NO_TLS, "hosts.www.example.net.certificate={trusted: false}"), "mx1", "2.0.0 Ok"),
    ],
)
def test_what_an_enforced_policy_refuses(
    tmp_path: Path, sets: tuple[str, ...], relay: str, reply: str
) -> None:
    found = outcome(run(tmp_path, STS, *sets))
    assert found[0] == relay + ("" if relay == "none" else ".example.net")
    assert found[1].startswith(reply)


@pytest.mark.parametrize(
    ("status", "sets", "zone"),
    [
        ("certificate", ("hosts.www.example.net.certificate={names: [www.example.net]}",), {}),
        ("404", ("hosts.www.example.net.mta_sts={x.example: {mode: none, max_age: 1d}}",), {}),
        ("refused", (), {"sts 300 IN A 198.51.100.80": "sts A 198.51.100.25"}),
        ("timeout", ("duration=3min",), {"sts 300 IN A 198.51.100.80": "sts A 203.0.113.1"}),
    ],
)
def test_a_fetch_that_fails_leaves_mail_as_it_would_be(
    tmp_path: Path, status: str, sets: tuple[str, ...], zone: dict[str, str]
) -> None:
    lines = ZONE
    for old, new in zone.items():
        lines = [line.replace(old, new) for line in lines]
    result = run(tmp_path, STS, NO_TLS, *sets, zone=lines)
    assert outcome(result)[0] == "mx1.example.net"
    fetch = result.lookups[result.lookups["type"] == "MTA-STS"]
    assert fetch["status"].tolist() == [status]


def test_a_domain_without_policy_host_has_no_policy(tmp_path: Path) -> None:
    zone = [line for line in ZONE if not line.startswith("mta-sts")]
    result = run(tmp_path, STS, NO_TLS, zone=zone)
    assert outcome(result)[0] == "mx1.example.net"
    assert asked(result)[-1] == ("mta-sts.example.net", "A", "NXDOMAIN")


def test_no_policy_is_looked_for_where_no_exchanger_is(tmp_path: Path) -> None:
    route = "hosts.out.example.org.route={example.net: '[mx1.example.net]'}"
    result = run(tmp_path, STS, route)
    assert outcome(result)[0] == "mx1.example.net"
    assert asked(result) == [("mx1.example.net", "A", "NOERROR")]
    result = run(tmp_path, DANE_ONLY, RIGHT, route, zone=[*ZONE, TLSA_1])
    assert outcome(result)[0] == "mx1.example.net"


def test_limits_of_a_session_do_not_lose_what_is_demanded(tmp_path: Path) -> None:
    limits = "{25: {extensions: [PIPELINING, SIZE, STARTTLS, LIMITS], limits: {RCPTMAX: 1}}}"
    many = ("traffic.hello.to=example.net", "traffic.hello.recipients_per_message=3")
    result = run(tmp_path, DANE, RIGHT, f"hosts.mx1.example.net.listen={limits}", *many,
                 zone=[*ZONE, TLSA_1])  # fmt: skip
    assert set(result.deliveries["fate"]) == {"delivered"}


def test_faults_leave_it_as_it_is(tmp_path: Path) -> None:
    fault = "faults=[{expired_certificate: mx1.example.net, at: 0s}]"
    assert outcome(run(tmp_path, STS, fault))[0] == "mx2.example.net"
    assert outcome(run(tmp_path, DANE, RIGHT, fault, zone=[*ZONE, TLSA_1]))[0] == "mx1.example.net"
    trusted = "_25._tcp.mx1 TLSA 2 0 0 aa"
    by_authority = "hosts.mx1.example.net.certificate={tlsa: ['2 0 0 AA']}"
    assert outcome(run(tmp_path, DANE, by_authority, zone=[*ZONE, trusted]))[0] == "mx1.example.net"
    found = outcome(run(tmp_path, DANE, by_authority, fault, zone=[*ZONE, trusted]))
    assert found[0] == "mx2.example.net"
