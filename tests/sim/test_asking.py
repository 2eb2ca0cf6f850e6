"""Policies that ask, in a run: what their questions cost, in both fidelities."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.errors import RunError
from mailsim.mta.policies import Action, Asking, Chance, Policy, Seen, Wait
from mailsim.results import Run

SCENARIO = """
mailsim: 1
duration: 10min
zones:
  example.org: "@ 3600 IN MX 10 out\\nout 3600 IN A 192.0.2.25"
  example.net: "@ 300 IN MX 10 mx\\nmx 300 IN A 198.51.100.25"
  near.example: "25.2.0.192 60 IN A 127.0.0.2"
  far.example: "25.2.0.192 60 IN A 127.0.0.2"
hosts:
  out.example.org: {policies: [{relay_control: {from: [office.example.org]}}]}
  office.example.org: {clients: {submit_to: out.example.org, port: 25}}
  mx.example.net: {policies: []}
  ns1.example.org: {dns: [example.org, example.net, near.example]}
  ns2.example.org: {dns: [far.example]}
network: {topology: star, center: ix}
links:
  - {between: "*", latency: 10ms}
  - {between: [ix, ns2.example.org], latency: 200ms}
traffic:
  hello: {from: alice@example.org, to: bob@example.net, arrivals: {once: 1s}}
"""
MX = "hosts.mx.example.net.policies"
DNSBL = f"{MX}=[{{dnsbl: {{sites: [near.example, far.example], threshold: 2}}}}]"


class _Own(Policy):
    @classmethod
    def from_options(cls, options: object) -> Policy:
        return cls()


class Slow(_Own):
    """Takes a second at each stage, and throws half of the mail away."""

    def _wait(self, seen: Seen, now_ns: int) -> Asking:
        yield (Wait(1_000_000_000),)
        return None

    on_connect = on_helo = on_mail = on_rcpt = on_data = _wait

    def on_message(self, seen: Seen, now_ns: int) -> Asking:
        _, chance = yield Wait(1_000_000_000), Chance()
        return Action.DISCARD if chance < 0.5 else None


class Broken(_Own):
    def on_message(self, seen: Seen, now_ns: int) -> None:
        raise KeyError("key")


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "asking.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def both(scenario: Path, *sets: str) -> Run:
    """Run in both fidelities; the rows must be the same."""
    runs = [ms.load(scenario, *sets, f"fidelity={f}").run(seed=1) for f in ("flights", "wire")]
    for table in ("deliveries", "attempts", "sessions", "lookups"):
        assert runs[0].frames[table].equals(runs[1].frames[table]), table
    return runs[0]


def test_lists_are_asked_side_by_side(scenario: Path) -> None:
    run = both(scenario, DNSBL)
    (mail,) = run.deliveries[run.deliveries["traffic"] == "hello"].itertuples()
    assert mail.fate == "bounced"
    assert mail.reply == (
        "550 5.7.1 Service unavailable; client [192.0.2.25] blocked using near.example"
    )
    asked = run.lookups[run.lookups["name"].str.startswith("25.2.0.192.")]
    assert asked["at_s"].nunique() == 1, "at the same time"
    assert sorted(asked["elapsed_s"].round(6)) == [0.04, 0.42]
    plain = ms.load(scenario).run(seed=1)
    late = run.attempts["c_s"].max() - plain.attempts["c_s"].max()
    assert late == pytest.approx(0.42, abs=1e-9), "the slowest of them counts"


def test_waiting_and_throwing_away(scenario: Path) -> None:
    own = f"{MX}=[{{'{__name__}:Slow': {{}}}}]"
    many = "traffic.hello.arrivals={every: 5s}"
    run = both(scenario, own, many)
    fates = run.deliveries["fate"].value_counts()
    n = int(fates.sum())
    assert abs(fates["discarded"] - n / 2) < 3 * (n / 4) ** 0.5
    first = run.attempts[run.attempts["host"] == "out.example.org"].iloc[0]
    plain = ms.load(scenario, many).run(seed=1)
    before = plain.attempts[plain.attempts["host"] == "out.example.org"].iloc[0]
    late = first["ended_at_s"] - before["ended_at_s"]
    assert late == pytest.approx(7.0, abs=1e-6), "connect, helo twice, mail, rcpt, data, message"


def test_one_that_fails_stops_the_run(scenario: Path) -> None:
    expected = (
        r"hosts\.mx\.example\.net\.policies\[0\] \(.*:Broken\): on_message failed: KeyError: 'key' "
        r"\(at 1\.\d{3} s, client out\.example\.org, mail from <alice@example\.org>\), message 1"
    )
    with pytest.raises(RunError, match=expected):
        ms.load(scenario, f"{MX}=[{{'{__name__}:Broken': {{}}}}]").run()
