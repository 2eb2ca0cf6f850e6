"""Aliases in circles and zones that nobody can reach."""

from __future__ import annotations

import pytest

from mailsim.dns import Record, alias_loops, delegation_loops
from mailsim.dns.zonefile import parse_zone


def zones(**texts: str) -> dict[str, list[Record]]:
    """Return zones ``a.example`` for ``a=...``; ``root`` is the root."""
    origins = {name: "" if name == "root" else f"{name}.example" for name in texts}
    return {origins[name]: parse_zone(origins[name], text) for name, text in texts.items()}


@pytest.mark.row("D-03")
def test_aliases_that_lead_back_to_themselves() -> None:
    text = "x CNAME y\ny CNAME z\nz CNAME x\nto CNAME z\nme CNAME me\n"
    found = list(alias_loops(parse_zone("a.example", text)))
    assert [(record.name, words) for record, words in found] == [
        ("x.a.example", "CNAME loop: x.a.example -> y.a.example -> z.a.example -> x.a.example"),
        ("me.a.example", "CNAME loop: me.a.example -> me.a.example"),
    ]


def test_aliases_that_end_somewhere() -> None:
    records = parse_zone("a.example", "x CNAME y\ny CNAME www.b.example.\nz CNAME y\n")
    assert list(alias_loops(records)) == []


@pytest.mark.row("D-12")
def test_two_zones_that_each_need_the_other() -> None:
    found = list(
        delegation_loops(
            zones(
                root="a.example. NS ns.b.example.\nb.example. NS ns.a.example.\n",
                a="ns A 192.0.2.1",
            )
        )
    )
    assert [(origin, record.name) for origin, record, _ in found] == [
        ("", "a.example"),
        ("", "b.example"),
    ]
    assert found[0][2] == (
        "delegation loop: to ask ns.b.example about a.example one needs an address that only "
        "b.example tells; add the address here, as glue"
    )


@pytest.mark.row("D-12")
def test_a_zone_whose_server_lies_in_it_needs_glue() -> None:
    assert list(delegation_loops(zones(a="sub NS ns.sub\n")))
    assert not list(delegation_loops(zones(a="sub NS ns.sub\nns.sub AAAA 2001:db8::1\n")))


def test_one_way_out_is_enough() -> None:
    """``a`` needs ``b``, ``b`` needs ``c``, and ``c`` has glue; one more server does not matter."""
    text = (
        "a.example. NS ns.b.example.\n"
        "b.example. NS ns.a.example.\nb.example. NS ns.c.example.\n"
        "c.example. NS ns.c.example.\nns.c.example. A 192.0.2.1\n"
    )
    assert list(delegation_loops(zones(root=text))) == []


def test_the_zones_own_name_servers_are_no_delegation() -> None:
    assert list(delegation_loops(zones(a="@ NS ns\nns A 192.0.2.1\n"))) == []
