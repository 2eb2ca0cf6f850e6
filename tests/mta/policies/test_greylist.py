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
