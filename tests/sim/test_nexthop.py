"""Where mail goes next: addresses of both families, and what is remembered of a destination."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND
from mailsim.sim.nexthop import NextHop
from mailsim.sim.world import World
from mailsim.smtp import Reply

SCENARIO = """
mailsim: 1
duration: 1h
zones:
  example.org: |
    @ MX 10 out
    out A 192.0.2.25
    out AAAA 2001:db8::25
    old A 192.0.2.26
  example.net: |
    @ 300 MX 10 mx
    @ 300 MX 20 mx2
    mx 60 A 198.51.100.1
    mx 60 A 198.51.100.2
    mx 60 AAAA 2001:db8:1::1
    mx2 600 A 198.51.100.3
    equal MX 10 mx
    equal MX 10 mx2
    zero 0 MX 10 mx
  four.example: "@ MX 10 mx.example.net."
  six.example: |
    @ MX 10 mx
    @ A 198.51.100.1
    mx AAAA 2001:db8:1::1
  ours.example: |
    @ MX 5 best
    @ MX 10 nat
    @ MX 10 equal
    @ MX 20 worse
    best A 198.51.100.1
    nat A 192.0.2.26
    equal A 198.51.100.3
    worse A 198.51.100.3
    gone AAAA 2001:db8:1::1
    alone MX 10 nat
    lost MX 5 gone
    lost MX 10 nat
hosts:
  out.example.org: {}
  old.example.org: {listen: {25: {}}, domains: []}
  mx.example.net: {}
  mx2.example.net: {}
  ns.example.net: {dns: [example.org, example.net, four.example, six.example, ours.example]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic: {}
"""
NEW, OLD = "out.example.org", "old.example.org"
ALL4 = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
S = SECOND


@pytest.fixture
def world(tmp_path: Path) -> World:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return build_world(load_scenario(path), 1, Log())


def resolve(world: World, hop: NextHop, destination: str, at_ns: int = 0) -> tuple[Any, int]:
    """Return what comes of it, and how long it took (ns)."""
    done = []

    def process() -> Generator[Any, Any, None]:
        number = world.next_number()
        yield world.at(max(at_ns, world.env.now), number)
        asked = world.env.now
        found = yield from hop.resolve(destination, number)
        done.append((found, world.env.now - asked))

    world.env.run(until=world.env.process(process()))
    return done[0]


def addresses(found: Any) -> list[str]:
    return [address for _, address in found]


def asked(world: World) -> list[tuple[str, ...]]:
    return [row[2:5] for row in world.log.lookups]


def test_a_host_without_ipv6_asks_for_ipv4_only(world: World) -> None:
    found, took = resolve(world, NextHop(world, OLD), "example.net")
    assert sorted(addresses(found)) == ALL4
    assert took == 3 * S // 50
    assert {type for _, type, _ in asked(world)} == {"MX", "A"}


@pytest.mark.parametrize(
    ("preference", "order"),
    [
        ("ipv4", ["198.51.100.1", "2001:db8:1::1", "198.51.100.2", "198.51.100.3"]),
        ("ipv6", ["2001:db8:1::1", "198.51.100.1", "198.51.100.2", "198.51.100.3"]),
    ],
)
def test_families_take_turns_the_preferred_first(
    world: World, preference: str, order: list[str]
) -> None:
    hop = NextHop(world, NEW, preference, is_random=False)
    found, took = resolve(world, hop, "example.net")
    assert addresses(found) == order
    assert took == 5 * S // 50, "MX, and A and AAAA of two hosts"


def test_by_chance_where_there_is_no_preference(world: World) -> None:
    hop = NextHop(world, NEW)
    firsts = [addresses(resolve(world, hop, "example.net")[0])[0] for _ in range(400)]
    assert abs(sum(":" in first for first in firsts) - 200) < 4 * 10


def test_mail_goes_over_the_chosen_address(world: World) -> None:
    assert world.hosts_at["2001:db8::25"] == NEW
    assert world.addresses6 == {NEW: "2001:db8::25", "mx.example.net": "2001:db8:1::1"}


def test_a_fixed_order_is_remembered_until_the_first_record_expires(world: World) -> None:
    hop = NextHop(world, OLD, is_random=False)
    first, _ = resolve(world, hop, "example.net")
    n = len(asked(world))
    again, took = resolve(world, hop, "example.net", 59 * S)
    assert again is first, "nothing is made anew"
    assert took == 0
    same = [(name, type, "cache") for name, type, _ in asked(world)[:n]]
    assert asked(world)[n:] == same, "each is a lookup all the same"
    anew, took = resolve(world, hop, "example.net", 61 * S)
    assert (anew == first, took) == (True, S // 50)


def test_a_resolver_that_forgets_is_asked_anew(world: World) -> None:
    hop = NextHop(world, OLD, is_random=False)
    resolve(world, hop, "example.net")
    hop.resolver.forget()
    assert resolve(world, hop, "example.net")[1] == 3 * S // 50


@pytest.mark.parametrize("destination", ["equal.example.net", "zero.example.net"])
@pytest.mark.row("D-07")
def test_what_is_drawn_or_may_not_be_kept_is_not_remembered(world: World, destination: str) -> None:
    hop = NextHop(world, OLD)
    first, _ = resolve(world, hop, destination)
    again, took = resolve(world, hop, destination)
    assert again is not first
    assert (took > 0) == destination.startswith("zero")


@pytest.mark.row("R-03")
def test_several_addresses_of_a_name_share_the_load(world: World) -> None:
    """Each of two is first half the time (4 sigma), and the next exchanger always comes after."""
    hop = NextHop(world, OLD)
    orders = Counter(tuple(addresses(resolve(world, hop, "example.net")[0])) for _ in range(400))
    assert set(orders) == {tuple(ALL4), (ALL4[1], ALL4[0], ALL4[2])}
    assert abs(orders[tuple(ALL4)] - 200) < 4 * 10


def test_equal_exchangers_in_the_order_of_the_zone_unless_at_random(world: World) -> None:
    found, _ = resolve(world, NextHop(world, OLD, is_random=False), "equal.example.net")
    assert addresses(found) == ALL4


@pytest.mark.row("R-04")
@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("ours.example", ["198.51.100.1"]),
        ("alone.ours.example", "554 5.4.6 mail for alone.ours.example loops back to myself"),
        ("lost.ours.example", "451 4.4.4 unable to find primary relay for lost.ours.example"),
        ("[nat.ours.example]", "554 5.4.6 mail for [nat.ours.example] loops back to myself"),
    ],
)
def test_we_know_ourselves_by_our_address(
    world: World, destination: str, expected: list[str] | str
) -> None:
    """An exchanger of another name at our own address is ourselves, and ends the list."""
    found, _ = resolve(world, NextHop(world, OLD), destination)
    assert (str(found) if isinstance(found, Reply) else addresses(found)) == expected


@pytest.mark.parametrize(("name", "code"), [("example.net", 451), ("four.example", 451)])
@pytest.mark.row("R-01")
def test_servers_that_fail_defer(world: World, name: str, code: int) -> None:
    hop = NextHop(world, OLD)
    if name == "four.example":  # the MX is known, the address is not
        resolve(world, hop, name)
    world.name_servers["ns.example.net"].is_failing = True
    found, _ = resolve(world, hop, name, 100 * S)
    assert isinstance(found, Reply)
    assert (found.code, found.enhanced) == (code, "4.4.3")


@pytest.mark.row("R-01")
def test_a_domain_that_does_not_exist_is_an_error_for_good(world: World) -> None:
    found, _ = resolve(world, NextHop(world, OLD), "nobody.example.net")
    assert isinstance(found, Reply)
    assert (found.code, found.enhanced) == (550, "5.4.4")


@pytest.mark.row("R-02")
def test_exchangers_without_address_do_not_lead_to_the_domain(world: World) -> None:
    """An IPv4 host, an exchanger of IPv6; the domain itself has an address of IPv4."""
    found, _ = resolve(world, NextHop(world, OLD), "six.example")
    assert isinstance(found, Reply)
    assert (found.code, found.enhanced) == (550, "5.4.4")
    assert "type=A: Host found but no data record of requested type" in found.text


def test_an_address_of_one_family_that_fails_does_not_hide_the_other(world: World) -> None:
    hop = NextHop(world, NEW, "ipv6", is_random=False)
    list_of = addresses(resolve(world, hop, "four.example")[0])
    assert list_of == ["2001:db8:1::1", "198.51.100.1", "198.51.100.2"]
    hop.resolver._cache._kept.pop(("mx.example.net", "AAAA"))
    hop._known.clear()
    world.name_servers["ns.example.net"].is_failing = True
    found, _ = resolve(world, hop, "four.example")
    assert addresses(found) == ["198.51.100.1", "198.51.100.2"]
    assert "four.example" not in hop._known
