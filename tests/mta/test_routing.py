"""Transport maps, smarthosts, and which addresses a host takes mail for."""

from __future__ import annotations

import pytest

from mailsim.mta.accepted import Accepted
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.routing import Routing, TransportMap, covers, routing_of

MAP = {
    "Example.NET": "[Relay]",
    ".example.net": "sub",
    "vip@example.net": "slow:[vip]",
    ".deep.example.net": "deep",
    "plain.example": "smtp:",
    "own.example": "slow:",
    "as-is.example": ":",
    "relay.example": "relay:[r]",
    "colon.example": ":hop",
    "gone.example": "error:5.1.6 Gone to X",
    "shut.example": "error:",
    "void.example": "discard: ",
    "Named.example": "Slow:[X]",
}


@pytest.mark.parametrize(
    ("recipient", "hop"),
    [
        ("a@EXAMPLE.net", "[relay]"),
        ("VIP@example.net", "slow:[vip]"),
        ("a@x.example.net", "sub"),
        ("a@x.deep.example.net", "deep"),
        ("a@plain.example", "plain.example"),
        ("a@own.example", "slow:own.example"),
        ("a@as-is.example", "[smart]"),
        ("a@relay.example", "[r]"),
        ("a@colon.example", "hop"),
        ("a@gone.example", "error:5.1.6 Gone to X"),
        ("a@shut.example", "error:Address is undeliverable"),
        ("a@void.example", "discard:void.example"),
        ("a@named.example", "Slow:[x]"),
        ("a@example.com", "[smart]"),
    ],
)
def test_a_transport_map(recipient: str, hop: str) -> None:
    assert routing_of(MAP, "[Smart]").next_hop(recipient) == hop


def test_a_map_for_all_others_comes_before_the_smarthost() -> None:
    routing = routing_of({"*": "[all]", ".x.example": ":"}, "[smart]")
    assert routing.next_hop("a@y.example") == "[all]"
    assert routing.next_hop("a@a.x.example") == "[smart]"
    assert routing_of({".x.example": ":"}).next_hop("a@a.x.example") == "a.x.example"


def test_what_is_simple_stays_simple() -> None:
    for routes in ({}, {"a.example": "b"}, {"a.example": "slow:b"}):
        assert type(routing_of(routes, "[smart]")) is Routing
    assert routing_of({}, "[smart]").next_hop("a@b.example") == "[smart]"
    assert routing_of({"b.example": "c"}, "[smart]").next_hop("a@b.example") == "c"
    for key, hop in ((".a.example", "b"), ("x@a.example", "b"), ("a.example", "smtp:b")):
        assert type(routing_of({key: hop})) is TransportMap


def test_an_address_may_have_an_extension() -> None:
    """transport(5): as it is, then without, then its domain."""
    routes = {"a@b.example": "[of-a]", "a+x@b.example": "[of-x]", "b.example": "[all]"}
    routing = routing_of(routes | {"c@b.example": "error:gone"}, "", "+")
    hops = [routing.next_hop(f"{one}@b.example") for one in ("A+x", "a+y", "a-x", "a", "c+z")]
    assert hops == ["[of-x]", "[of-a]", "[all]", "[of-a]", "error:gone"]
    assert routing.nowhere("c+z@b.example") == "error:gone"
    assert routing_of(routes).next_hop("a+y@b.example") == "[all]"


def test_what_leads_nowhere_on_its_own_account() -> None:
    """Entries for all mail do not count: what ends at the host is none of theirs."""
    routing = routing_of({"*": "error:no", ".a.example": "discard:", "b.example": "retry:4.3.2 x"})
    assert routing.has_nowhere
    assert routing.next_hop("x@c.example") == "error:no"
    assert routing.nowhere("x@c.example") == ""
    assert routing.nowhere("x@B.example") == "retry:4.3.2 x"
    assert routing.nowhere("x@b.a.example") == "discard:b.a.example"
    assert not routing_of({"a.example": "b", ".c.example": "slow:"}).has_nowhere


def test_domains_cover_those_below_them() -> None:
    assert covers(["example.net"], "example.net")
    assert covers(["example.net"], "a.b.example.net")
    assert not covers(["b.example.net"], "example.net")
    assert not covers(["example.net"], "badexample.net")
    assert not covers([], "example.net")


def test_who_is_accepted_where_a_host_relays_too() -> None:
    accepted = Accepted(Mailboxes(["example.org"], ["user*"]), ["Example.net"])
    local = {
        a: accepted.is_local(a) for a in ("x@example.org", "x@a.example.net", "x@else.example")
    }
    assert local == {"x@example.org": True, "x@a.example.net": True, "x@else.example": False}
    assert accepted.exists("user1@example.org")
    assert not accepted.exists("x@example.org")
    assert accepted.exists("x@example.net"), "who knows"


def test_who_is_declared_undeliverable_is_known() -> None:
    """So that the reason given there is told, and not that nobody knows him."""
    routing = routing_of({"old@example.org": "error:5.1.6 moved", "x@example.org": "discard:"})
    accepted = Accepted(Mailboxes(["example.org"], ["user*"]), routing=routing)
    assert accepted.exists("Old@example.org")
    assert not accepted.exists("x@example.org")
