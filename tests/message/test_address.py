"""Addresses (RFC 5321 section 4.1.2)."""

from __future__ import annotations

import pytest

from mailsim.message import domain_of, is_address, local_part_of
from mailsim.message.address import is_domain, is_literal, is_route


@pytest.mark.parametrize(
    "text",
    [
        "a@b",
        "a.b+c@example.org",
        '"a b"@example.org',
        r'"a\"b"@x.y',
        "a@[192.0.2.1]",
        "a@[IPv6:2001:db8::1]",
        "a@[x-tag:anything]",
        "ä@ö.example",
        '"ä"@b',
        "a@" + "b" * 63,
    ],
)
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@b",
        "a@",
        "a b@c",
        "a..b@c",
        "a@b..c",
        "a@-b",
        "a@b\r\n",
        "a@[1 2]",
        "a@[1.2.3]",
        "a@[x-:]",
        "a@" + "b" * 64,
    ],
)
def test_no_addresses(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("[192.0.2.1]", True),
        ("[IPv6:::1]", True),
        ("[ipv6:x]", False),
        ("192.0.2.1", False),
        ("[tag:x]", True),
        ("[-:x]", False),
        ("[1.2.3.4", False),
        ("[]", False),
    ],
)
def test_literals(text: str, is_one: bool) -> None:
    assert is_literal(text) is is_one


@pytest.mark.row("Q-15")
@pytest.mark.parametrize(
    ("text", "is_one"), [("@a", True), ("@a,@b.c", True), ("a", False), ("@a,b", False)]
)
def test_routes(text: str, is_one: bool) -> None:
    assert is_route(text) is is_one


def test_parts() -> None:
    assert domain_of("User@Example.ORG") == "example.org"
    assert local_part_of("User@Example.ORG") == "User"
    assert (domain_of("postmaster"), local_part_of("postmaster")) == ("", "postmaster")
    assert is_domain("example.org")
    assert is_domain("[IPv6:::1]")
    assert not is_domain("exa mple")
