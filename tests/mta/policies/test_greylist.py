"""Greylisting: new triplets wait, known ones pass."""

from __future__ import annotations

import pytest

from mailsim.mta.policies import Seen, policies
from mailsim.mta.policies.greylist import Greylist

S = 1_000_000_000
SEEN = Seen("out", "192.0.2.25", "out", "", "a@example.org", "b@example.net", True)


def test_refuses_until_the_delay_is_over_and_then_remembers() -> None:
    greylist = Greylist(300 * S, lifetime_ns=1000 * S)
    first = greylist.on_rcpt(SEEN, 0)
    assert first is not None
    assert (first.code, first.enhanced) == (450, "4.7.1")
    assert "Greylisted, try again in 5 min" in first.text
    assert greylist.on_rcpt(SEEN, 299 * S) is not None
    assert greylist.on_rcpt(SEEN, 300 * S) is None
    assert greylist.on_rcpt(SEEN, 1300 * S) is None
    assert greylist.on_rcpt(SEEN, 2301 * S) is not None, "it has been forgotten"


def test_a_first_try_is_forgotten_after_the_retry_window() -> None:
    greylist = Greylist(300 * S, retry_window_ns=1000 * S)
    greylist.on_rcpt(SEEN, 0)
    late = greylist.on_rcpt(SEEN, 1001 * S)
    assert late is not None
    assert "try again in 5 min" in late.text, "it counts as the first"
    assert greylist.on_rcpt(SEEN, 1301 * S) is None
    other = SEEN._replace(sender="x@y")
    greylist.on_rcpt(other, 0)
    assert greylist.on_rcpt(other, 1000 * S) is None, "within the window"


def test_the_triplet_is_network_sender_and_recipient() -> None:
    greylist = Greylist(300 * S)
    greylist.on_rcpt(SEEN, 0)
    assert greylist.on_rcpt(SEEN._replace(address="192.0.2.99"), 300 * S) is None
    for other in ({"address": "192.0.3.25"}, {"sender": "x@y"}, {"recipient": "x@y"}):
        assert greylist.on_rcpt(SEEN._replace(**other), 300 * S) is not None


def test_the_network_of_an_ipv6_address_is_its_first_half() -> None:
    greylist = Greylist(300 * S)
    seen = SEEN._replace(address="2001:db8::25")
    greylist.on_rcpt(seen, 0)
    near, far = (
        seen._replace(address="2001:db8:0:0:9::1"),
        seen._replace(address="2001:db8:0:1::25"),
    )
    assert greylist.on_rcpt(near, 300 * S) is None
    assert greylist.on_rcpt(far, 300 * S) is not None


def test_authenticated_clients_are_exempt() -> None:
    assert Greylist(300 * S).on_rcpt(SEEN._replace(user="alice"), 0) is None


def test_options() -> None:
    made = policies.get("greylist").from_options({"delay": "1min", "lifetime": "1d"})
    assert isinstance(made, Greylist)
    assert (made.delay_ns, made.lifetime_ns) == (60 * S, 86400 * S)
    assert made.retry_window_ns == 2 * 86400 * S
    assert made.is_shared
    never = {"delay": "1h", "retry_window": "1h"}
    for wrong in ({"delay": 60}, {"dely": "1min"}, "1min", None, never):
        with pytest.raises(ValueError, match=r"expected|takes"):
            Greylist.from_options(wrong)


def test_it_names_no_hosts() -> None:
    assert list(Greylist(300 * S).hosts()) == []


HOUR, DAY = 3600 * S, 86400 * S


def passes(greylist: Greylist, recipient: str, now: int) -> None:
    """Let a new triplet pass a second later."""
    seen = SEEN._replace(recipient=recipient)
    assert greylist.on_rcpt(seen, now) is not None
    assert greylist.on_rcpt(seen, now + S) is None


def test_a_client_that_has_passed_often_is_let_through() -> None:
    """As postgrey's auto-whitelist-clients: one an hour counts."""
    greylist = Greylist(S, 3 * DAY, whitelist_after=2)
    passes(greylist, "1@x", 0)
    passes(greylist, "2@x", 600 * S)
    passes(greylist, "3@x", 2 * HOUR)
    fresh = SEEN._replace(recipient="4@x")
    assert greylist.on_rcpt(fresh, 3 * HOUR) is None
    neighbour = fresh._replace(address="192.0.2.99")
    assert greylist.on_rcpt(neighbour, 3 * HOUR) is not None, "by address, not by network"
    assert greylist.on_rcpt(fresh._replace(recipient="5@x"), 3 * DAY) is None
    assert greylist.on_rcpt(fresh._replace(recipient="6@x"), 7 * DAY) is not None, "forgotten"
    passes(greylist, "7@x", 7 * DAY)
    assert greylist.on_rcpt(fresh._replace(recipient="8@x"), 7 * DAY + 2 * S) is not None


def test_a_lifetime_may_count_from_when_it_passed() -> None:
    for is_renewed in (True, False):
        greylist = Greylist(S, 10 * S, is_renewed=is_renewed)
        passes(greylist, "1@x", 0)
        seen = SEEN._replace(recipient="1@x")
        assert greylist.on_rcpt(seen, 8 * S) is None
        assert (greylist.on_rcpt(seen, 12 * S) is None) == is_renewed


@pytest.mark.parametrize(
    ("prefix", "address", "is_same"),
    [
        (32, "192.0.2.26", False),
        (31, "192.0.2.24", True),
        (24, "192.0.2.1", True),
        (16, "192.0.77.1", True),
        (16, "192.1.2.25", False),
    ],
)
def test_networks(prefix: int, address: str, is_same: bool) -> None:
    greylist = Greylist(S, ipv4_prefix=prefix)
    greylist.on_rcpt(SEEN, 0)
    assert (greylist.on_rcpt(SEEN._replace(address=address), S) is None) == is_same


def test_further_options() -> None:
    made = Greylist.from_options({"whitelist_after": 5, "ipv4_prefix": 32, "renew": False})
    assert (made.whitelist_after, made.ipv4_prefix, made.is_renewed) == (5, 32, False)
    for wrong in ({"ipv4_prefix": 0}, {"ipv4_prefix": 33}, {"renew": 1}, {"whitelist_after": -1}):
        with pytest.raises(ValueError, match="expected"):
            Greylist.from_options(wrong)
