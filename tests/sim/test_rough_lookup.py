"""Lookups over paths that jitter, lose packets or are shared, over UDP and TCP; both fidelities."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from mailsim.dns import SERVFAIL, answer_bytes, question_bytes
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.nameserver import Question
from mailsim.sim.resolver import Resolver
from mailsim.sim.world import World

S, MS = SECOND, SECOND // 1000
SCENARIO = f"""
mailsim: 1
duration: 1h
dns: {{attempts: 1}}
zones:
  example.org: |
    @ MX 10 mx
    $GENERATE 0-399 x$ A 192.0.2.1
    mx A 192.0.2.25
    big TXT "{250 * "x"}" "{250 * "x"}" "{250 * "x"}" "{250 * "x"}" "{250 * "x"}"
hosts:
  mx.example.org: {{}}
  ns.example.org: {{dns: [example.org]}}
network: {{topology: star, center: ix}}
links:
  - {{between: "*", latency: 5ms}}
  - {{between: [ns.example.org, ix], LINK}}
traffic: {{}}
"""
HOST, SERVER = "mx.example.org", "ns.example.org"
Ask = Callable[..., tuple[World, Callable[..., tuple[str, int]]]]


@pytest.fixture(params=["flights", "wire"])
def over(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    """Return what makes a world whose name server has such a link, and what asks there."""

    def made(link: str, *sets: str) -> tuple[World, Callable[..., tuple[str, int]]]:
        path = tmp_path / "s.yaml"
        path.write_text(SCENARIO.replace("LINK", link), encoding="utf-8")
        world = build_world(load_scenario(path, [f"fidelity={request.param}", *sets]), 1, Log())
        resolver = Resolver.of(world, HOST)

        def ask(name: str, type: str = "A") -> tuple[str, int]:
            done = []

            def process() -> Generator[Any, Any, None]:
                asked = world.env.now
                answer = yield from resolver.ask(f"{name}.example.org", type, world.next_number())
                done.append((answer.status, world.env.now - asked))

            world.env.run(until=world.env.process(process()))
            return done[0]

        return world, ask

    return made


def test_a_lookup_takes_its_share_of_a_link(over: Ask) -> None:
    """Beside a flow in its direction it has half of 8 kbit/s, so an octet takes 2 ms."""
    world, ask = over("latency: 5ms, bandwidth: 8 kbit/s, shared: true")
    name = "x1.example.org"
    up = question_bytes(name)
    down = answer_bytes(name, "A", world.name_servers[SERVER].authority.answer(name, "A"))
    assert ask("x1") == ("NOERROR", 20 * MS + (up + down) * MS)
    world.sharing.carry(10**6, ((("ix", SERVER), 8000),), 0)
    assert ask("x2") == ("NOERROR", 20 * MS + (2 * up + down) * MS)
    world.sharing.carry(10**6, (((SERVER, "ix"), 8000),), 0)
    assert ask("x3") == ("NOERROR", 20 * MS + 2 * (up + down) * MS)


def test_it_slows_down_others_on_the_link(over: Ask) -> None:
    world, ask = over("latency: 5ms, bandwidth: 8 kbit/s, shared: true")
    flow = world.sharing.carry(1000, ((("ix", SERVER), 8000),), 0)
    ends: list[int] = []
    assert flow.callbacks is not None
    flow.callbacks.append(lambda event: ends.append(world.env.now))
    ask("x1")
    world.env.run(until=flow)
    assert ends == [(1000 + question_bytes("x1.example.org")) * MS]


def test_each_packet_has_its_own_jitter(over: Ask) -> None:
    _, ask = over("latency: 5ms, jitter: 3ms")
    took = [ask(f"x{i}")[1] for i in range(200)]
    assert 14 * MS <= min(took) < 16 * MS
    assert 24 * MS < max(took) <= 26 * MS
    # Two uniform numbers of variance 6^2 / 12 ms^2 each.
    assert abs(sum(took) / 200 - 20 * MS) < 4 * (6 / 200) ** 0.5 * MS


def test_a_way_that_takes_longer_than_the_timeout(over: Ask) -> None:
    assert over("bandwidth: 100 bit/s, shared: true")[1]("x1") == (SERVFAIL, 5 * S)
    assert over("bandwidth: 100 bit/s, shared: true", "dns.udp_size=1 B")[1]("x1")[0] == SERVFAIL


def test_a_question_that_comes_when_nobody_waits_any_more(over: Ask) -> None:
    world, _ = over("jitter: 1ms")
    world.env.run(until=3 * S)
    who = "x1.example.org", "A", HOST, world.next_number()
    late = Question(world, *who, until_ns=2 * S, limit_bytes=0, is_carried=True)
    world.name_servers[SERVER].take(late)
    world.env.run(until=4 * S)
    assert late.value is None


def test_a_lost_packet_costs_the_timeout(over: Ask) -> None:
    _, ask = over("latency: 5ms, loss: 40%")
    answers = [ask(f"x{i}") for i in range(300)]
    assert set(answers) == {("NOERROR", 20 * MS), (SERVFAIL, 5 * S)}
    n = answers.count(("NOERROR", 20 * MS))
    assert abs(n - 300 * 0.36) < 4 * (300 * 0.36 * 0.64) ** 0.5


def test_over_tcp_what_is_lost_is_sent_again(over: Ask) -> None:
    """A truncated answer first; then SYN, SYN-ACK, question and answer, a second for each loss."""
    world, ask = over("latency: 5ms, loss: 20%", "dns={timeout: 10s, attempts: 9}")
    resolver = Resolver.of(world, HOST)
    took = set()
    for _ in range(60):
        resolver.forget()
        resolver.iteration.steps = steps = []  # type: ignore[var-annotated]
        assert ask("big", "TXT")[0] == "NOERROR"
        assert steps[-1].transport == "tcp"
        took.add(steps[-1].elapsed_ns)
    assert min(took) == 40 * MS
    assert {t % S for t in took} <= {40 * MS, 60 * MS}, "and a round trip of a fast retransmit"
    assert len(took) > 2


def test_a_connection_that_does_not_come_about(over: Ask) -> None:
    """The link gets worse behind the truncated answer; SYN goes again within the timeout of 8 s."""
    world, ask = over(
        "latency: 5ms, jitter: 1ms",
        f"hosts.{SERVER}.dns_time=20ms",
        "dns={timeout: 8s, attempts: 1, udp_size: 1 B}",
    )
    change = world.at(35 * MS, 2)
    change.callbacks = [lambda event: world.network.set_link("ix", SERVER, loss=0.999) and None]
    resolver = Resolver.of(world, HOST)
    resolver.iteration.steps = steps = []  # type: ignore[var-annotated]
    assert ask("x1")[0] == SERVFAIL
    assert steps[-1].transport == "tcp"
    assert (steps[-1].outcome, steps[-1].elapsed_ns) == ("timeout", 8 * S)


def test_nobody_listens_there(over: Ask) -> None:
    world, ask = over("latency: 5ms, jitter: 0ms, loss: 0.001%")
    del world.name_servers[SERVER]
    assert ask("x1") == (SERVFAIL, 20 * MS)


def test_a_link_that_goes_down_while_the_question_travels(over: Ask) -> None:
    world, ask = over("latency: 5ms, jitter: 1ms")
    cut = world.at(5 * MS, 2)
    cut.callbacks = [lambda event: world.network.take_down("ix", HOST)]
    assert ask("x1") == (SERVFAIL, 5 * S)


def test_a_link_that_goes_down_while_the_server_thinks(over: Ask) -> None:
    world, ask = over("latency: 5ms, jitter: 1ms", f"hosts.{SERVER}.dns_time=100ms")
    cut = world.at(50 * MS, 2)
    cut.callbacks = [lambda event: world.network.take_down("ix", HOST)]
    assert ask("x1") == (SERVFAIL, 5 * S)


def test_a_link_that_becomes_plain_meanwhile(over: Ask) -> None:
    world, ask = over("latency: 5ms, jitter: 1ms")
    change = world.at(5 * MS, 2)
    change.callbacks = [lambda event: world.network.set_link("ix", SERVER, jitter_ns=0) and None]
    status, took = ask("x1")
    assert status == "NOERROR"
    assert abs(took - 20 * MS) <= MS
