"""DNS block lists: what lists say, weighed."""

from __future__ import annotations

import pytest

from mailsim.dns import NOERROR, NXDOMAIN, SERVFAIL, Answer
from mailsim.mta.policies import Asking, Lookup, Seen, Verdict
from mailsim.mta.policies.dnsbl import Dnsbl, reversed_name
from mailsim.smtp import Reply

SEEN = Seen("out", "192.0.2.25", "", "", "", "", False)
LISTED, CLEAN = Answer(NOERROR, ("127.0.0.2",), 60), Answer(NXDOMAIN, (), 60)
DOWN = Answer(SERVFAIL, (), 1)


def end(asking: Asking, *answers: Answer) -> Verdict:
    next(asking)
    with pytest.raises(StopIteration) as stop:
        asking.send(answers)
    verdict: Verdict = stop.value.value
    return verdict


def made(*sites: str, **more: object) -> Dnsbl:
    return Dnsbl.from_options({"sites": list(sites), **more})


def test_all_lists_are_asked_at_once() -> None:
    asking = made("bl.example.net*2", "BL.example.org").on_connect(SEEN, 0)
    assert next(asking) == (
        Lookup("25.2.0.192.bl.example.net", "A"),
        Lookup("25.2.0.192.bl.example.org", "A"),
    )


@pytest.mark.parametrize(
    ("answers", "blocked_by"),
    [
        ((CLEAN, CLEAN, CLEAN), None),
        ((LISTED, CLEAN, CLEAN), "a"),
        ((CLEAN, LISTED, CLEAN), None),
        ((LISTED, LISTED, LISTED), "a"),
        ((LISTED, CLEAN, LISTED), None),
        ((DOWN, DOWN, DOWN), None),
    ],
)
def test_weights_and_threshold(answers: tuple[Answer, ...], blocked_by: str | None) -> None:
    sites = ("a*2", "b", "good*-1")
    policy = made(*sites, threshold=2)
    assert end(policy.on_connect(SEEN, 0), *answers) is None
    refusal = policy.on_rcpt(SEEN, 0)
    text = f"550 5.7.1 Service unavailable; client [192.0.2.25] blocked using {blocked_by}"
    assert str(refusal) == (text if blocked_by else "None")
    drop = end(made(*sites, threshold=2, action="drop").on_connect(SEEN, 0), *answers)
    assert (drop.code if isinstance(drop, Reply) else None) == (521 if blocked_by else None)


def test_who_is_no_longer_listed_may_write() -> None:
    policy = made("a")
    end(policy.on_connect(SEEN, 0), LISTED)
    assert policy.on_rcpt(SEEN, 0) is not None
    end(policy.on_connect(SEEN, 1), CLEAN)
    assert policy.on_rcpt(SEEN, 1) is None


@pytest.mark.parametrize(
    ("pattern", "address", "counts"),
    [
        ("127.0.0.2", "127.0.0.2", True),
        ("127.0.0.2", "127.0.0.3", False),
        ("127.0.[0;2].[2..4;10]", "127.0.2.10", True),
        ("127.0.[0;2].[2..4;10]", "127.0.1.10", False),
        ("127.0.[0;2].[2..4;10]", "127.0.0.5", False),
    ],
)
def test_answers_that_count(pattern: str, address: str, counts: bool) -> None:
    policy = made(f"a={pattern}*3")
    assert policy.sites[0].weight == 3
    end(policy.on_connect(SEEN, 0), Answer(NOERROR, (address,), 60))
    assert (policy.on_rcpt(SEEN, 0) is not None) == counts


def test_names_to_ask_for() -> None:
    assert reversed_name("2001:db8::1").startswith("1.0.0.0.")
    assert reversed_name("2001:db8::1").endswith(".8.b.d.0.1.0.0.2")
    assert reversed_name("unknown") == "invalid"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (None, "expected {sites"),
        ({}, "got no sites"),
        ({"sites": []}, "sites: expected a list"),
        ({"sites": "a"}, "sites: expected a list"),
        ({"sites": [1]}, "expected domain="),
        ({"sites": ["a*x"]}, "expected domain="),
        ({"sites": ["a=127.0.0"]}, "four octets"),
        ({"sites": ["a=127.0.0.[..2]"]}, "octets such as"),
        ({"sites": ["a"], "threshold": 0}, "threshold: expected a whole number"),
        ({"sites": ["a"], "threshold": True}, "threshold: expected a whole number"),
        ({"sites": ["a"], "action": "no"}, "action: expected enforce or drop"),
        ({"sites": ["a"], "thresh": 1}, "takes sites, threshold, action and no 'thresh'"),
    ],
)
def test_options(options: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Dnsbl.from_options(options)
