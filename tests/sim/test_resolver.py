"""What a resolver asks, whom, how long it takes, and what it keeps; both fidelities."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from mailsim.dns import NODATA, NOERROR, NXDOMAIN, SERVFAIL, Answer
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.resolver import Resolver
from mailsim.sim.world import World

S = SECOND
RTT = S // 50
SCENARIO = f"""
mailsim: 1
duration: 1h
zones:
  example.org: |
    $TTL 300
    @ SOA ns hostmaster 1 7200 900 1209600 60
    @ NS ns1.dns.example.
    @ MX 10 mx
    mx A 192.0.2.25
    www CNAME mx
    far 30 CNAME web.example.net.
    big TXT "{250 * "x"}" "{250 * "x"}" "{250 * "x"}" "{250 * "x"}" "{250 * "x"}"
  example.net: |
    web 20 A 198.51.100.1
    back 20 CNAME www.example.org.
hosts:
  mx.example.org: {{}}
  ns1.example.org: {{dns: [example.org]}}
  ns2.example.org: {{dns: [example.org]}}
  ns.example.net: {{dns: [example.net]}}
  office.example.org: {{clients: {{submit_to: mx.example.org, port: 25}}}}
network: {{topology: star, center: ix}}
links: [{{between: "*", latency: 5ms}}]
traffic:
  hello: {{from: alice@example.org, to: bob@example.org, arrivals: {{once: 59min}}}}
"""
HOST = "office.example.org"
Change = Callable[[World], None]


class Asked:
    """A resolver that has been asked a few things, one after the other."""

    def __init__(
        self, path: Path, fidelity: str, *sets: str, change: Change = lambda world: None
    ) -> None:
        path.write_text(SCENARIO, encoding="utf-8")
        self.world = build_world(load_scenario(path, [f"fidelity={fidelity}", *sets]), 1, Log())
        change(self.world)
        self.resolver = Resolver.of(self.world, HOST)
        self.resolver.iteration.steps = []

    def ask(self, name: str, type: str = "A", at_ns: int = 0) -> tuple[Answer, int]:
        """Return the answer and how long it took (ns), from the cache if that has it."""
        world, done = self.world, []

        def process() -> Generator[Any, Any, None]:
            number = world.next_number()
            yield world.at(max(at_ns, world.env.now), number)
            asked = world.env.now
            answer = self.resolver.cached(name, type)
            if answer is None:
                answer = yield from self.resolver.ask(name, type, number)
            done.append((answer, world.env.now - asked))

        world.env.run(until=world.env.process(process()))
        return done[0]

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        """Server, outcome and transport of each question to a server."""
        steps = self.resolver.iteration.steps or []
        return [(step.server.partition(".")[0], step.outcome, step.transport) for step in steps]


@pytest.fixture(params=["flights", "wire"])
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Asked]:
    def made(*sets: str, change: Change = lambda world: None) -> Asked:
        return Asked(tmp_path / "s.yaml", request.param, *sets, change=change)

    return made


Made = Callable[..., Asked]


def server(name: str, **switches: bool) -> Change:
    def change(world: World) -> None:
        for key, value in switches.items():
            setattr(world.name_servers[f"{name}.example.org"], key, value)

    return change


@pytest.mark.row("D-07")
def test_an_answer_takes_a_round_trip_and_is_kept_for_its_ttl(asked: Made) -> None:
    it = asked()
    assert it.ask("mx.example.org") == (Answer(NOERROR, ("192.0.2.25",), 300), RTT)
    assert it.ask("mx.example.org", at_ns=300 * S)[1] == 0
    assert it.ask("mx.example.org", at_ns=300 * S + RTT)[1] == RTT, "from insertion, not before"
    assert it.steps == 2 * [("ns1", NOERROR, "udp")]


@pytest.mark.row("D-08")
def test_refusals_are_kept_for_the_minimum_of_the_soa(asked: Made) -> None:
    it = asked()
    assert it.ask("nobody.example.org") == (Answer(NXDOMAIN, (), 60), RTT)
    assert it.ask("nobody.example.org", "MX", 59 * S)[1] == 0, "there is no such name at all"
    assert it.ask("mx.example.org", "MX", 59 * S) == (Answer(NODATA, (), 60), RTT)
    assert it.ask("nobody.example.org", "MX", 61 * S)[1] == RTT
    assert it.ask("nowhere.test") == (Answer(NXDOMAIN, (), 3600), 0), "as the root would say"


@pytest.mark.row("D-03")
def test_an_alias_is_followed_from_zone_to_zone(asked: Made) -> None:
    it = asked()
    answer, took = it.ask("far.example.org")
    assert (answer.status, answer.data, answer.ttl_s) == (NOERROR, ("198.51.100.1",), 20)
    assert [alias.data for alias in answer.aliases] == ["web.example.net"]
    assert took == 2 * RTT
    assert it.ask("web.example.net")[1] == 0
    assert it.ask("www.example.org")[1] == RTT, "one server knows alias and target"
    assert it.ask("mx.example.org")[1] == 0
    # The target has expired, the alias has not: only the target is asked for.
    answer, took = it.ask("far.example.org", at_ns=21 * S)
    assert (answer.ttl_s, took) == (9, RTT)


def test_an_alias_is_kept_for_all_types(asked: Made) -> None:
    it = asked()
    it.ask("back.example.net")
    answer, took = it.ask("back.example.net", "MX")
    assert (answer.status, took) == (NODATA, RTT)
    assert [alias.data for alias in answer.aliases] == ["www.example.org", "mx.example.org"]
    assert it.steps == [("ns", "ALIAS", "udp"), ("ns1", NOERROR, "udp"), ("ns1", NODATA, "udp")]


@pytest.mark.row("D-05")
def test_who_is_down_costs_the_timeout_and_is_asked_last_from_then_on(asked: Made) -> None:
    it = asked(change=server("ns1", is_down=True))
    assert it.ask("mx.example.org")[1] == 5 * S + RTT
    assert it.ask("www.example.org", "MX")[1] == RTT
    assert it.steps == [
        ("ns1", "timeout", "udp"), ("ns2", NOERROR, "udp"), ("ns2", NODATA, "udp")
    ]  # fmt: skip


def test_who_is_back_is_asked_again(asked: Made) -> None:
    it = asked(change=server("ns1", is_down=True))
    it.ask("mx.example.org")
    server("ns1", is_down=False)(it.world)
    server("ns2", is_down=True)(it.world)
    assert it.ask("big.example.org")[1] == 5 * S + RTT
    assert it.ask("www.example.org")[1] == RTT


@pytest.mark.parametrize(("switch", "said"), [("is_failing", "SERVFAIL"), ("is_lame", "REFUSED")])
@pytest.mark.row("D-05")
def test_a_server_that_fails_is_passed_over_at_once(asked: Made, switch: str, said: str) -> None:
    it = asked(change=server("ns1", **{switch: True}))
    assert it.ask("mx.example.org")[1] == 2 * RTT
    assert it.steps == [("ns1", said, "udp"), ("ns2", NOERROR, "udp")]


@pytest.mark.row("D-05")
@pytest.mark.row("D-09")
def test_nobody_answers(asked: Made) -> None:
    """Two servers, each asked twice; failures are kept for a second (RFC 9520)."""

    def down(world: World) -> None:
        server("ns1", is_down=True)(world)
        server("ns2", is_failing=True)(world)

    it = asked("dns={timeout: 2s, attempts: 3}", change=down)
    assert it.ask("mx.example.org") == (Answer(SERVFAIL, (), 1), 3 * 2 * S + RTT)
    assert it.ask("mx.example.org") == (Answer(SERVFAIL, (), 1), 0)
    server("ns1", is_down=False)(it.world)
    assert it.ask("mx.example.org", at_ns=8 * S)[0].status == NOERROR
    row = it.world.log.lookups[0]
    assert row[4:6] == ("ns2.example.org", "SERVFAIL")


def test_a_server_that_takes_its_time(asked: Made) -> None:
    it = asked("hosts.ns1.example.org.dns_time=100ms")
    assert it.ask("mx.example.org")[1] == RTT + S // 10
    late = asked("hosts.ns1.example.org.dns_time=10s", "dns.timeout=1s")
    assert late.ask("mx.example.org")[1] == S + RTT, "what comes after the timeout is lost"


def test_questions_do_not_wait_for_each_other(asked: Made) -> None:
    """But those for the same thing share one."""
    it = asked("hosts.ns1.example.org.dns_time=100ms")
    world, ends = it.world, []

    def process(name: str) -> Generator[Any, Any, None]:
        yield from it.resolver.ask(name, "A", world.next_number())
        ends.append(world.env.now)

    for name in ("mx", "mx", "www", "x"):
        world.env.process(process(f"{name}.example.org"))
    world.env.run(until=S)
    assert ends == 4 * [RTT + S // 10]
    assert len(it.steps) == 3


@pytest.mark.row("D-06")
def test_large_answers_come_over_tcp(asked: Made) -> None:
    it = asked()
    answer, took = it.ask("big.example.org", "TXT")
    assert answer.data == (1250 * "x",)
    assert took == 3 * RTT, "truncated answer; SYN and SYN-ACK; question and answer"
    assert it.steps == [("ns1", "TRUNCATED", "udp"), ("ns1", NOERROR, "tcp")]
    roomy = asked("dns.udp_size=4 kB")
    assert roomy.ask("big.example.org", "TXT")[1] == RTT


@pytest.mark.row("D-06")
def test_a_server_may_go_down_between_udp_and_tcp(asked: Made) -> None:
    it = asked("dns.timeout=1s")
    end = it.world.at(RTT, 2)
    end.callbacks = [lambda event: server("ns1", is_down=True)(it.world)]
    assert it.ask("big.example.org", "TXT")[1] == RTT + S + 3 * RTT


@pytest.mark.parametrize("link", ["ns1.example.org", HOST])
@pytest.mark.row("D-05")
def test_lost_packets_cost_the_timeout(asked: Made, link: str) -> None:
    """Each question and each answer may be lost; the share of both is 1 - 0.7^2 here."""
    it = asked(
        "dns={timeout: 1s, attempts: 1000}",
        "hosts.ns2.example.org.dns=[]",
        change=lambda world: world.network.set_link(link, "ix", loss=0.3) and None,
    )
    tries = []
    for i in range(400):
        answer, took = it.ask(f"x{i}.example.org")
        assert answer.status == NXDOMAIN
        tries.append(1 + (took - RTT) / S)
    p = 0.7**2
    mean, error = sum(tries) / 400, ((1 - p) / p**2 / 400) ** 0.5
    assert abs(mean - 1 / p) < 4 * error
    assert set(tries) > {1.0, 2.0, 3.0}


def test_a_partition_costs_the_timeout(asked: Made) -> None:
    it = asked("dns={timeout: 1s}", change=lambda world: world.network.take_down("ix", HOST))
    assert it.ask("mx.example.org") == (Answer(SERVFAIL, (), 1), 4 * S)


def test_a_partition_while_the_question_travels(asked: Made) -> None:
    it = asked("dns={timeout: 1s, attempts: 1}", "hosts.ns2.example.org.dns=[]")
    cut = it.world.at(RTT // 4, 2)
    cut.callbacks = [lambda event: it.world.network.take_down("ix", HOST)]
    assert it.ask("mx.example.org") == (Answer(SERVFAIL, (), 1), S)


def test_a_way_longer_than_the_timeout(asked: Made) -> None:
    it = asked("dns={timeout: 8ms, attempts: 1}")
    assert it.ask("mx.example.org")[1] == 2 * 8 * S // 1000


def test_the_lookups_say_who_answered(asked: Made) -> None:
    it = asked()
    it.ask("far.example.org")
    it.ask("far.example.org", at_ns=10 * S)
    rows = [row[3:] for row in it.world.log.lookups]
    assert rows[0] == ("A", "ns.example.net", NOERROR, 2 * RTT, 1, 20 * S)
    assert rows[1] == ("A", "cache", NOERROR, 0, 1, 10 * S + 2 * RTT)


def test_a_host_has_one_resolver(asked: Made) -> None:
    world = asked().world
    assert Resolver.of(world, HOST) is Resolver.of(world, HOST)
    assert Resolver.of(world, HOST) is not Resolver.of(world, "mx.example.org")


@pytest.mark.row("D-03")
def test_aliases_from_zone_to_zone_come_to_an_end(asked: Made) -> None:
    """Eleven in a row are followed, however many servers tell them, and not one more."""
    zones = {"example.org": "", "example.net": ""}
    origins = list(zones)
    for i in range(14):
        here, there = origins[i % 2], origins[(i + 1) % 2]
        zones[here] += f"a{i} CNAME a{i + 1}.{there}.\n"
    zones["example.org"] += "a14 A 192.0.2.14\nmx A 192.0.2.25\n@ MX 10 mx\n"
    it = asked(*(f"zones.{origin}={json.dumps(text)}" for origin, text in zones.items()))
    assert it.ask("a1.example.net")[0].status == SERVFAIL
    answer, took = it.ask("a3.example.net")
    assert (answer.data, len(answer.aliases)) == (("192.0.2.14",), 11)
    assert took < 11 * RTT, "some of them are known by now"
