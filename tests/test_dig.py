"""``mailsim dig``: the form of its answers, the simulated time, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mailsim.cli import main

ROOT = Path(__file__).parents[1]
FIRST = ROOT / "experiments" / "first_mail.yaml"
ZONES = """
mailsim: 1
duration: 1h
dns: {timeout: 1s}
zones:
  example.org: |
    @ MX 10 mx
    @ MX 20 mx
    no MX 0 .
    @ NS ns
    mx A 192.0.2.25
    ns A 192.0.2.53
    www 60 CNAME mx
    text TXT "say \\"hi\\"" "; bye"
    long TXT "LONG" "LONG" "LONG" "LONG" "LONG"
    _25._tcp.mx TLSA 3 1 1 HEX
  2.0.192.in-addr.arpa: "25 PTR mx.example.org."
  dead.example: "@ MX 10 mx.example.org."
hosts:
  ns.example.org: {dns: [example.org, 2.0.192.in-addr.arpa]}
  mx.example.org: {}
  far.example.org: {dns: [dead.example], dns_time: 1h}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic: {}
"""

Dig = Callable[..., tuple[int, str]]


@pytest.fixture
def dig(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Dig:
    """Run the command in this process; return exit code and output."""
    path = tmp_path / "s.yaml"
    path.write_text(ZONES.replace("HEX", 32 * "ab").replace("LONG", 250 * "x"), encoding="utf-8")

    def run(*words: str, scenario: Path = path) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            main(["dig", *words, "--scenario", str(scenario)])
        out, err = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, out + err

    return run


@pytest.mark.parametrize(
    ("name", "type", "lines"),
    [
        ("Example.ORG.", "mx", ["example.org. 3600 IN MX 10 mx.example.org.",
                                "example.org. 3600 IN MX 20 mx.example.org."]),
        ("no.example.org", "MX", ["no.example.org. 3600 IN MX 0 ."]),
        ("www.example.org", "A", ["www.example.org. 60 IN CNAME mx.example.org.",
                                  "mx.example.org. 60 IN A 192.0.2.25"]),
        ("text.example.org", "TXT", ['text.example.org. 3600 IN TXT "say \\"hi\\"; bye"']),
        ("25.2.0.192.in-addr.arpa", "PTR",
         ["25.2.0.192.in-addr.arpa. 3600 IN PTR mx.example.org."]),
        ("example.org", "NS", ["example.org. 3600 IN NS ns.example.org."]),
        ("example.org", "SOA", ["example.org. 3600 IN SOA (minimum 3600)"]),
        ("_25._tcp.mx.example.org", "TLSA",
         ["_25._tcp.mx.example.org. 3600 IN TLSA 3 1 1 " + 32 * "ab"]),
    ],
)  # fmt: skip
def test_answers(dig: Dig, name: str, type: str, lines: list[str]) -> None:
    code, text = dig(name, type)
    assert code == 0
    shown = text.splitlines()
    start = shown.index(";; ANSWER SECTION:") + 1
    assert sorted(shown[start : start + len(lines)]) == sorted(lines)
    assert f"status: NOERROR; ANSWER: {len(lines)}" in text
    assert ";; Query time: 20 ms of simulated time\n;; SERVER: ns.example.org" in text


@pytest.mark.parametrize(
    ("name", "type", "status", "kept", "server"),
    [
        ("mx.example.org", "AAAA", "NOERROR", "3600 s", "ns.example.org"),
        ("x.example.org", "A", "NXDOMAIN", "3600 s", "ns.example.org"),
        ("x.test", "A", "NXDOMAIN", "3600 s", "."),
        ("dead.example", "MX", "SERVFAIL", "1 s", "none"),
    ],
)
def test_no_answer(dig: Dig, name: str, type: str, status: str, kept: str, server: str) -> None:
    code, text = dig(name, type)
    assert code == 0
    assert f"status: {status}; ANSWER: 0" in text
    assert f"; kept for {kept}\n" in text
    assert text.endswith(f";; SERVER: {server}\n")
    assert "ANSWER SECTION" not in text


def test_a_trace_shows_each_question(dig: Dig) -> None:
    _, text = dig("dead.example", "MX", "--trace", "--at", "1min")
    line = "dead.example. MX to far.example.org for dead.example. over UDP: timeout after 1 s"
    assert f"; 1 min: {line}\n; 1.02 min: {line}\n" in text
    assert "Query time: 2 s" in text
    _, text = dig("long.example.org", "TXT", "--trace")
    assert "over UDP: TRUNCATED after 20 ms\n; 20 ms: long" in text
    assert "over TCP: NOERROR after 40 ms" in text
    assert f'TXT "{255 * "x"}" "{255 * "x"}"' in text


def test_the_cache_has_what_mail_has_brought(dig: Dig) -> None:
    relay = ("mx.example.net", "A", "--host", "relay.example.org")
    _, text = dig(*relay, scenario=FIRST)
    assert "SERVER: ns.example.org" in text
    assert "300 IN A" in text
    _, text = dig(*relay, "--at", "30s", "--trace", scenario=FIRST)
    assert "SERVER: cache" in text
    assert "271 IN A" in text
    assert "; no name server was asked" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.b", "ANY"), "expected a type of A, AAAA, CNAME, MX, NS, PTR, SOA, TLSA, TXT, got"),
        (("mün.example", "A"), "expected a name in ASCII; write the A-labels (xn--...)"),
        (("a..b", "A"), "expected a name of labels of 1 to 63 octets between dots, 253 at most"),
        (("a.b", "A", "--host", "mx.example.com"), "unknown host 'mx.example.com'; did you mean"),
        (("a.b", "A", "--host", "!"), "--host: unknown host '!'"),
        (("a.b", "A", "--at", "soon"), "--at: expected a duration"),
        (("a.b", "A", "--at", "2h"), "--at: the run ends at 1 h, got 2 h"),
        (("a.b", "A", "--set", "dns.attempts=0"), "dns.attempts=0: expected"),
    ],
)  # fmt: skip
def test_what_it_refuses(dig: Dig, words: tuple[str, ...], said: str) -> None:
    code, text = dig(*words)
    assert code == 2
    assert said in text
    assert "Traceback" not in text
