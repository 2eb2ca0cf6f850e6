"""A rate limit: whose bucket, when, with what reply."""

from __future__ import annotations

import pytest

from mailsim.mta.policies import Seen
from mailsim.mta.policies.rate_limit import RateLimit

S = 1_000_000_000
SEEN = Seen("out", "192.0.2.25", "out", "", "a@Example.org", "", False)
RCPT = SEEN._replace(recipient="Bob@example.net", is_local=True)


def made(**options: object) -> RateLimit:
    return RateLimit.from_options({"rate": "1/s", **options})


def passes(policy: RateLimit, *seen: Seen, at_s: float = 0) -> list[bool]:
    return [policy.on_mail(one, round(at_s * S)) is None for one in seen]


def test_a_burst_and_then_the_rate() -> None:
    policy = made(burst=3)
    assert passes(policy, *[SEEN] * 5) == [True, True, True, False, False]
    assert passes(policy, SEEN, at_s=0.999) == [False]
    assert passes(policy, SEEN, SEEN, at_s=1) == [True, False]


def test_what_is_refused_costs_nothing() -> None:
    policy = made()
    assert [passes(policy, SEEN, at_s=i / 10)[0] for i in range(11)] == [True, *[False] * 9, True]


def test_whose_bucket() -> None:
    other = SEEN._replace(address="192.0.2.26", sender="b@example.org")
    assert passes(made(), SEEN, other, SEEN) == [True, True, False]
    assert passes(made(per="sender"), SEEN, other, SEEN) == [True, True, False]
    assert passes(made(per="sender_domain"), SEEN, other) == [True, False]


def test_reports_have_no_sender_to_limit() -> None:
    null = SEEN._replace(sender="")
    assert passes(made(per="sender_domain"), null, null) == [True, True]
    assert passes(made(), null, null) == [True, False]


@pytest.mark.parametrize(("per", "is_same"), [("recipient", False), ("recipient_domain", True)])
def test_recipients(per: str, is_same: bool) -> None:
    policy = made(per=per)
    assert policy.on_rcpt(RCPT, 0) is None
    assert (policy.on_rcpt(RCPT._replace(recipient="eve@example.net"), 0) is None) != is_same
    assert str(policy.on_rcpt(RCPT._replace(recipient="bob@EXAMPLE.net"), 0)) == (
        "450 4.7.1 Too much mail, try again later"
    )


@pytest.mark.parametrize(("per", "stage"), [("client", "on_mail"), ("recipient", "on_rcpt")])
def test_stages(per: str, stage: str) -> None:
    policy = made(per=per)
    stages = ("on_connect", "on_mail", "on_rcpt", "on_message")
    assert [one for one in stages if policy.decides_at(one)] == [stage]


def test_a_reply_of_ones_own() -> None:
    policy = made(reply="421 4.7.0 Slow down")
    policy.on_mail(SEEN, 0)
    assert str(policy.on_mail(SEEN, 0)) == "421 4.7.0 Slow down"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("10/s", r"rate_limit: expected \{rate: 10/s, .*\}, got '10/s'"),
        ({"burst": 3}, r"rate_limit: expected .*, got no rate"),
        ({"rate": "0/s"}, "rate: expected a rate above 0, got '0/s'"),
        ({"rate": "1/s", "burst": 0}, "burst: expected at least 1, got 0"),
        ({"rate": "1/s", "per": "user"}, "per: expected client or sender or"),
        ({"rate": "1/s", "reply": "250 OK"}, "reply: expected a reply such as '450 4.7.1 Too"),
        ({"rate": "1/s", "reply": 450}, "reply: expected a reply such as"),
        ({"rate": "1/s", "reply": "450 5.7.1 No"}, "reply: expected a reply such as"),
        ({"rate": "1/s", "reply": "454 4.7.0 No"}, "reply: 454 may not answer MAIL"),
    ],
)
def test_bad_options(options: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RateLimit.from_options(options)
