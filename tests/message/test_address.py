"""Addresses (RFC 5321 section 4.1.2)."""

from __future__ import annotations

import pytest

from mailsim.message import domain_of, is_address, local_part_of
from mailsim.message.address import is_domain


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


def test_parts() -> None:
    assert domain_of("User@Example.ORG") == "example.org"
    assert local_part_of("User@Example.ORG") == "User"
    assert (domain_of("postmaster"), local_part_of("postmaster")) == ("", "postmaster")
    assert is_domain("example.org")
    assert is_domain("[IPv6:::1]")
    assert not is_domain("exa mple")
