"""What receivers do with their numbers, whichever profile they have."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pushing import SEEN, S, connections, sent, session

from mailsim.mta.receivers import Number, Receiver, receivers
from mailsim.mta.receivers._numbers import NUMBERS, numbers_of
from mailsim.mta.receivers._pushback import Pushback, network_of


class Plain(Receiver):
    """A profile that limits nothing."""

    numbers: ClassVar[dict[str, Number]] = {}


def plain(**own: object) -> Pushback:
    return Pushback(Plain, own)


def test_what_has_no_number_is_not_limited() -> None:
    taker = plain()
    assert sent(taker, 500) == {"sent": 500}
    assert sent(taker, 500, to="one@example.net") == {"sent": 500}
    assert connections(taker, 500) == session(taker, 500) == []


def test_connections_at_a_time() -> None:
    taker = plain(connections_per_ip=2)
    assert connections(taker, 3) == ["421 4.7.0 Too many concurrent connections from 192.0.2.25"]
    taker.on_close(SEEN.address, S)
    assert taker.on_connect(SEEN, S) is None, "two are left"
    assert taker.on_connect(SEEN._replace(address="192.0.2.26"), S) is None
    taker.on_close(SEEN.address, S)
    taker.on_close(SEEN.address, S)
    assert len(connections(taker, 4)) == 2
    taker.on_crash(S)
    assert len(connections(taker, 4)) == 2


def test_messages_in_a_session() -> None:
    taker = plain(messages_per_connection=3)
    assert session(taker, 5) == ["421 4.7.0 Too many messages in this connection"] * 2


@pytest.mark.parametrize(
    ("name", "others", "text"),
    [
        ("ip", {"address": "192.0.2.26"}, "Too much mail from 192.0.2.25, try again later"),
        ("network", {"address": "192.0.3.25"}, "Too much mail from your network, try again later"),
        ("domain", {"sender": "a@example.com"}, "Too much mail from example.org, try again later"),
    ],
)
def test_rates_are_of_an_address_a_network_and_a_sender_domain(
    name: str, others: dict[str, str], text: str
) -> None:
    taker = plain(**{f"{name}_rate": "10/s", f"{name}_burst": 5})
    assert sent(taker, 7) == {"sent": 5, "421 4.7.0": 2}
    refusal = taker.on_mail(SEEN, 0)
    assert refusal is not None
    assert refusal.lines == (text,)
    assert sent(taker, 5, seen=SEEN._replace(**others)) == {"sent": 5}
    assert sent(taker, 3, S // 10) == {"sent": 1, "421 4.7.0": 2}


def test_a_message_that_one_limit_refuses_costs_no_token_of_another() -> None:
    taker = plain(ip_rate="1/s", ip_burst=10, domain_rate="1/s", domain_burst=2)
    assert sent(taker, 8) == {"sent": 2, "421 4.7.0": 6}
    assert sent(taker, 8, seen=SEEN._replace(sender="")) == {"sent": 8}, "reports have no domain"


def test_mailboxes_and_pairs() -> None:
    taker = plain(mailbox_rate="1/s", mailbox_burst=4, pair_rate="1/s", pair_burst=3)
    assert sent(taker, 5, to="one@example.net") == {"sent": 3, "450 4.2.1": 2}
    other = SEEN._replace(sender="b@example.org")
    assert sent(taker, 5, to="one@example.net", seen=other) == {"sent": 1, "450 4.2.1": 4}
    assert sent(taker, 5) == {"sent": 5}
    elsewhere = SEEN._replace(recipient="one@example.net", is_local=False)
    assert taker.on_rcpt(elsewhere, 0) is None


def test_one_limit_of_a_mailbox_does_without_the_other() -> None:
    taker = plain(pair_rate="1/s", pair_burst=3)
    assert sent(taker, 5, to="one@example.net") == {"sent": 3, "450 4.2.1": 2}
    taker = plain(mailbox_rate="1/s", mailbox_burst=3)
    assert sent(taker, 5, to="one@example.net") == {"sent": 3, "450 4.2.1": 2}


@pytest.mark.parametrize("name", ["ip", "network"])
def test_who_went_too_fast_cools_down(name: str) -> None:
    taker = plain(**{f"{name}_rate": "1/s", f"{name}_burst": 2, "cool_down": "60s"})
    assert sent(taker, 3) == {"sent": 2, "421 4.7.0": 1}
    assert sent(taker, 1, 59 * S) == {"421 4.7.0": 1}
    assert sent(taker, 3, 60 * S) == {"sent": 2, "421 4.7.0": 1}


def test_a_domain_does_not_make_an_address_cool_down() -> None:
    taker = plain(domain_rate="1/s", domain_burst=1, cool_down="60s")
    sent(taker, 2)
    assert sent(taker, 1, seen=SEEN._replace(sender="a@example.com")) == {"sent": 1}


def test_quotas_of_new_addresses_and_others() -> None:
    own = {"first_quota": 10, "full_quota": 100}
    taker = Pushback(Plain, own, new=["mx1.example.org"])
    assert sent(taker, 20) == {"sent": 10, "421 4.7.0": 10}
    day = 86_400 * S
    assert sent(taker, 30, day) == {"sent": 20, "421 4.7.0": 10}
    known = SEEN._replace(client="mx2.example.org", address="192.0.2.26")
    assert sent(taker, 101, seen=known) == {"sent": 100, "421 4.7.0": 1}
    by_address = Pushback(Plain, own, new=["192.0.2.26"])
    assert sent(by_address, 20, seen=known) == {"sent": 10, "421 4.7.0": 10}


def test_without_a_first_quota_a_new_address_has_the_full_one() -> None:
    own = {"full_quota": 5, "quota_period": "12h"}
    taker = Pushback(Plain, own, new=["mx1.example.org"])
    assert sent(taker, 6) == {"sent": 5, "421 4.7.0": 1}
    assert sent(taker, 6, 12 * 3600 * S) == {"sent": 5, "421 4.7.0": 1}


def test_authenticated_clients_are_exempt() -> None:
    taker = plain(ip_rate="1/s", pair_rate="1/s", mailbox_rate="1/s", messages_per_connection=1)
    user = SEEN._replace(user="alice", n_transactions=5)
    assert sent(taker, 5, to="one@example.net", seen=user) == {"sent": 5}


def test_networks() -> None:
    assert network_of("192.0.2.25") == "192.0.2"
    assert network_of("2001:db8::25") == network_of("2001:db8:0:0:1::1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::25") == "2001:db8:0:1::/64"


@pytest.mark.parametrize("name", receivers.names())
def test_every_number_has_a_source_and_every_profile_limits_something(name: str) -> None:
    profile = receivers.get(name)
    assert profile.numbers.keys() <= NUMBERS.keys()
    assert all(number.source for number in profile.numbers.values())
    assert all(answer.source for answer in profile.replies.values())
    values = numbers_of({key: number.value for key, number in profile.numbers.items()})
    assert values != numbers_of({})
    assert Pushback(profile, {}).on_mail(SEEN, 0) is None


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"ip_rat": "1/s"}, "unknown number 'ip_rat': known are connections_per_ip"),
        ({"ip_rate": "20"}, "ip_rate: expected a rate such as"),
        ({"ip_rate": "0/s"}, "ip_rate: expected a rate above 0, got '0/s'"),
        ({"ip_burst": 0}, "ip_burst: expected a whole number of 1 or more, got 0"),
        ({"ip_burst": True}, "ip_burst: expected a whole number of 1 or more, got True"),
        ({"quota_period": "0s"}, "quota_period: expected a duration above 0s, got '0s'"),
        ({"quota_growth": 0.5}, "quota_growth: expected a number from 1 to 1000, got 0.5"),
        ({"quota_fall": "half"}, "quota_fall: expected a number from 0 to 1, got 'half'"),
        ({"complaints": 0.1}, "complaints: expected a share such as"),
        ({"first_quota": 9, "full_quota": 8}, "a first_quota of at most full_quota, 8, got 9"),
        ({"good_complaints": "1%"}, "expected good_complaints of at most bad_complaints"),
    ],
)
def test_numbers_that_are_wrong(own: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plain(**own)


def test_unlimited_takes_a_limit_away() -> None:
    taker = Pushback(receivers.get("self-hosted"), {"connections_per_ip": "unlimited"})
    assert connections(taker, 100) == []
