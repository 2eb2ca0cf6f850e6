"""Rewritten senders: the addresses that PostSRSd makes, and back again."""

from __future__ import annotations

import pytest

from mailsim.mta.srs import Srs

NEW_YEAR_2020 = 1_577_836_860
DAY = 86_400
FORWARDED = {
    "test@otherdomain.com": "SRS0=vmyz=2W=otherdomain.com=test@example.com",
    "SRS0=opaque+string@otherdomain.com": "SRS1=chaI=otherdomain.com==opaque+string@example.com",
    "SRS1=X=thirddomain.com==opaque+string@otherdomain.com": (
        "SRS1=JIBX=thirddomain.com==opaque+string@example.com"
    ),
}
"""As PostSRSd writes them with this secret on 1 January 2020 (its tests)."""


@pytest.fixture
def srs() -> Srs:
    return Srs("Example.com", "tops3cr3t")


@pytest.mark.parametrize(("sender", "rewritten"), FORWARDED.items())
def test_the_same_addresses_as_postsrsd(srs: Srs, sender: str, rewritten: str) -> None:
    assert srs.forward(sender, NEW_YEAR_2020) == rewritten
    assert srs.is_srs(rewritten)


@pytest.mark.parametrize(
    ("address", "original"),
    [
        ("SRS0=vmyz=2W=otherdomain.com=test@example.com", "test@otherdomain.com"),
        ("srs0=VMYZ=2w=otherdomain.com=test@example.com", "test@otherdomain.com"),
        ("SRS0=XjO9=2V=otherdomain.com=test@example.com", "test@otherdomain.com"),
        (
            "SRS1=chaI=otherdomain.com==opaque+string@example.com",
            "SRS0=opaque+string@otherdomain.com",
        ),
        ("SRS0=xxxx=2W=otherdomain.com=test@example.com", None),
        ("SRS1=xxxx=otherdomain.com==opaque+string@example.com", None),
        ("SRS0=vmyz=2W@example.com", None),
        ("SRS0=vmyz=19=otherdomain.com=test@example.com", None),
    ],
)
def test_back_to_whom_it_stands_for(srs: Srs, address: str, original: str | None) -> None:
    assert srs.reverse(address) == original


def test_two_forwarders_and_all_the_way_back() -> None:
    first, second, third = (Srs(f"{name}.example", name) for name in ("one", "two", "three"))
    once = first.forward("alice@example.org", NEW_YEAR_2020)
    twice = second.forward(once, NEW_YEAR_2020)
    thrice = third.forward(twice, NEW_YEAR_2020)
    assert twice.startswith("SRS1=")
    assert len(thrice) - len(twice) == len("three") - len("two"), "it does not grow"
    assert third.reverse(thrice) == once, "straight to the first one"
    assert first.reverse(once) == "alice@example.org"


def test_its_form_and_its_domain_make_it_ours(srs: Srs) -> None:
    assert not srs.is_srs("SRS0=vmyz=2W=otherdomain.com=test@other.example")
    assert not srs.is_srs("srs0@example.com")
    assert srs.is_srs("SRS0+what=ever@EXAMPLE.com")


@pytest.mark.parametrize(("days", "is_fresh"), [(0, True), (21, True), (22, False), (1024, True)])
def test_it_grows_old(srs: Srs, days: int, is_fresh: bool) -> None:
    """The day is one of 1024, so after nearly three years an old address would be fresh again."""
    address = srs.forward("a@b.example", NEW_YEAR_2020)
    assert srs.is_fresh(address, NEW_YEAR_2020 + days * DAY) == is_fresh
    assert srs.is_fresh("SRS1=chaI=otherdomain.com==opaque@example.com", NEW_YEAR_2020)
