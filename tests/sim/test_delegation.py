"""From the root down: referrals, glue, servers whose address must be looked up, and lame ones."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from mailsim.dns import NOERROR, NXDOMAIN, SERVFAIL, Answer
from mailsim.errors import ConfigError
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.resolver import Resolver

RTT = SECOND // 50
SCENARIO = """
mailsim: 1
duration: 1h
dns: {delegation: true, timeout: 1s}
zones:
  ".": |
    org NS a.nic.org.
    a.nic.org A 192.0.2.1
    net NS b.nic.net.
    b.nic.net A 192.0.2.2
  org: |
    a.nic A 192.0.2.1
    example 600 NS ns.example
    ns.example A 192.0.2.3
    glueless NS ns.example.net.
    lame NS ns.example
    dead NS ns.dead
    ns.dead A 192.0.2.99
    mute NS out.mute
    out.mute A 192.0.2.25
    none NS nobody.example.net.
  net: |
    b.nic A 192.0.2.2
    example NS ns.example
    ns.example A 192.0.2.4
  example.org: |
    @ MX 10 out
    ns A 192.0.2.3
    out A 192.0.2.25
    www CNAME www.glueless.org.
  example.net: "ns A 192.0.2.4"
  glueless.org: "www A 192.0.2.80"
hosts:
  out.example.org: {}
  root.nic.org: {dns: ["."]}
  a.nic.org: {dns: [org]}
  b.nic.net: {dns: [net]}
  ns.example.org: {dns: [example.org]}
  ns.example.net: {dns: [example.net, glueless.org]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic: {}
"""
HOST = "out.example.org"


class Asked:
    """The resolver of the mail host, and what it asked."""

    def __init__(self, path: Path, fidelity: str) -> None:
        path.write_text(SCENARIO, encoding="utf-8")
        self.world = build_world(load_scenario(path, [f"fidelity={fidelity}"]), 1, Log())
        self.resolver = Resolver.of(self.world, HOST)

    def ask(self, name: str, type: str = "A", at_ns: int = 0) -> tuple[Answer, int, list[str]]:
        """Return the answer, how long it took (ns), and who was asked with what outcome."""
        world, done = self.world, []
        self.resolver.iteration.steps = steps = []  # type: ignore[var-annotated]

        def process() -> Generator[Any, Any, None]:
            number = world.next_number()
            yield world.at(max(at_ns, world.env.now), number)
            asked = world.env.now
            answer = yield from self.resolver.ask(name, type, number)
            done.append((answer, world.env.now - asked))

        world.env.run(until=world.env.process(process()))
        answer, took = done[0]
        return answer, took, [f"{step.server} {step.outcome}" for step in steps]


@pytest.fixture(params=["flights", "wire"])
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Asked:
    return Asked(tmp_path / "s.yaml", request.param)


DOWN = ["root.nic.org REFERRAL", "a.nic.org REFERRAL"]


@pytest.mark.row("D-02")
def test_from_the_root_down(asked: Asked) -> None:
    answer, took, steps = asked.ask("example.org", "MX")
    assert (answer.status, answer.data) == (NOERROR, ((10, HOST),))
    assert took == 3 * RTT
    assert steps == [*DOWN, "ns.example.org NOERROR"]


@pytest.mark.row("D-02")
def test_what_is_known_of_zones_is_not_asked_again(asked: Asked) -> None:
    asked.ask("example.org", "MX")
    assert asked.ask(HOST)[1:] == (RTT, ["ns.example.org NOERROR"])
    # After 600 s the delegation of example.org has expired, that of org has not.
    later = asked.ask("ns.example.org", at_ns=601 * SECOND)
    assert later[2] == ["a.nic.org REFERRAL", "ns.example.org NOERROR"]


@pytest.mark.row("D-02")
def test_the_address_of_a_server_may_have_to_be_looked_up_first(asked: Asked) -> None:
    _, took, steps = asked.ask("www.glueless.org")
    assert steps == [
        *DOWN,
        "root.nic.org REFERRAL",
        "b.nic.net REFERRAL",
        "ns.example.net NOERROR",
        "ns.example.net NOERROR",
    ]
    assert took == 6 * RTT
    assert asked.ask("x.glueless.org")[2] == ["ns.example.net NXDOMAIN"]


def test_the_address_may_be_known(asked: Asked) -> None:
    asked.ask("ns.example.net")
    assert asked.ask("www.glueless.org")[2] == [*DOWN, "ns.example.net NOERROR"]


def test_an_alias_leads_to_another_zone(asked: Asked) -> None:
    answer, _, steps = asked.ask("www.example.org")
    assert answer.data == ("192.0.2.80",)
    assert steps[3:5] == ["a.nic.org REFERRAL", "root.nic.org REFERRAL"]


@pytest.mark.parametrize(
    ("name", "took_ns", "last"),
    [
        ("x.lame.org", 3 * RTT, "ns.example.org REFUSED"),
        ("x.dead.org", 2 * RTT + 2 * SECOND, "192.0.2.99 timeout"),
        ("x.mute.org", 2 * RTT, "out.example.org REFUSED"),
        ("x.none.org", 5 * RTT, "ns.example.net NXDOMAIN"),
    ],
    ids=["lame", "no host", "no name server", "no address"],
)
def test_delegations_that_lead_nowhere(asked: Asked, name: str, took_ns: int, last: str) -> None:
    answer, took, steps = asked.ask(name)
    assert (answer.status, took, steps[-1]) == (SERVFAIL, took_ns, last)


def test_a_name_that_nobody_has(asked: Asked) -> None:
    answer, took, _ = asked.ask("x.test")
    assert (answer.status, took) == (NXDOMAIN, RTT)


@pytest.mark.row("D-02")
def test_addresses_that_each_need_the_other_end_in_servfail(asked: Asked) -> None:
    """No scenario may hold such a loop, but zones may change while it runs."""
    from mailsim.dns import Authority
    from mailsim.dns.zonefile import parse_zone

    text = "a.org. NS ns.b.org.\nb.org. NS ns.a.org.\n"
    asked.world.name_servers["a.nic.org"].authority = Authority({"org": parse_zone("org", text)})
    assert asked.ask("www.a.org")[0].status == SERVFAIL


@pytest.mark.row("D-02")
def test_a_referral_upwards_is_not_followed(asked: Asked) -> None:
    from mailsim.dns import Authority
    from mailsim.dns.zonefile import parse_zone

    text = "org NS a.nic.org.\na.nic.org A 192.0.2.1\n"
    asked.world.name_servers["a.nic.org"].authority = Authority({"": parse_zone("", text)})
    answer, took, steps = asked.ask("example.org", "MX")
    assert (answer.status, took) == (SERVFAIL, 2 * RTT)
    assert steps == DOWN


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    example NS ns.example\n    ns.example A 192.0.2.4", "    # nothing",
         "zone example.net: the zone above, net, has no NS record of it"),
        ("    net NS b.nic.net.\n", "", "zone net: the zone above, ., has no NS record of it"),
        ('  ".": |', "  org.test: |", "expected a zone '.' that delegates the others"),
    ],
)  # fmt: skip
def test_every_zone_must_be_reached_from_the_root(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in SCENARIO
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO.replace(old, new, 1).replace("# nothing", ""), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert said in str(caught.value)
