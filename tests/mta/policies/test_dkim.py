"""The policy dkim: what each outcome comes to, and what it costs."""

from __future__ import annotations

import pytest
from authentication import Ask, answers_from, verdict_of

from mailsim.dns import SERVFAIL, Answer
from mailsim.message import Content, Filler, Head, new_content
from mailsim.mta.auth.dkim import sign
from mailsim.mta.policies import Finding, Lookup, Seen, Wait
from mailsim.mta.policies.dkim import Dkim

PLAIN = new_content(Head(7, "mx", "a@example.org", "b@example.net", "hello", 0), 1000)
SIGNED = sign(PLAIN, "example.org", "s1")
BROKEN = SIGNED._replace(body=Filler(1100))
NAME = ("s1._domainkey.example.org", "TXT")
GOOD, REVOKED = ({NAME: (f"v=DKIM1; p={key}",)} for key in ("AA", ""))


def seen(content: Content) -> Seen:
    return Seen("out", "192.0.2.25", "out", "", "a@example.org", "", False, content=content)


def down(name: str, type: str) -> Answer:
    return Answer(SERVFAIL, (), 0)


KEY, NO_KEY = answers_from(GOOD), answers_from(REVOKED)


def test_a_signature_asks_for_its_key_and_takes_its_time() -> None:
    twice = sign(SIGNED, "esp.example", "k")
    asked, verdict = verdict_of(Dkim(verify_time=5).on_message(seen(twice), 0), KEY)
    esp = Lookup("k._domainkey.esp.example", "TXT")
    assert asked == [esp, Wait(5), Lookup(*NAME), Wait(5)]
    assert verdict is None, "one that passes is enough"


@pytest.mark.parametrize(
    ("option", "content", "ask", "text"),
    [
        ("on_no_signature", PLAIN, KEY, "none (no signature)"),
        ("on_bad_signature", BROKEN, KEY, "fail (body hash did not verify) for s1._domainkey."),
        ("on_key_not_found", SIGNED, NO_KEY, "permerror (key revoked) for s1._domainkey."),
        ("on_dns_error", SIGNED, down, "temperror (no answer about the key) for s1._domainkey."),
    ],
)
def test_what_an_outcome_comes_to(option: str, content: Content, ask: Ask, text: str) -> None:
    code = "7.5" if option == "on_dns_error" else "7.20"
    for action, number in (("reject", 550), ("tempfail", 451)):
        policy = Dkim.from_options({option: action})
        _, verdict = verdict_of(policy.on_message(seen(content), 0), ask)
        assert (verdict.code, verdict.enhanced) == (number, f"{number // 100}.{code}")
        assert verdict.text.partition(" ")[2].startswith(f"No passing DKIM signature found: {text}")
    policy = Dkim.from_options({option: "accept"})
    assert verdict_of(policy.on_message(seen(content), 0), ask)[1] is None


def test_the_worst_of_several_decides() -> None:
    both = sign(BROKEN, "esp.example", "k")
    policy = Dkim(on_bad_signature="reject")
    _, verdict = verdict_of(policy.on_message(seen(both), 0), KEY)
    assert verdict.code == 550, "a bad one before one without a key"


def test_what_is_recorded() -> None:
    asking = Dkim().on_message(seen(PLAIN), 0)
    row = ("out", 7, "dkim", "header.d", "", "none", "no signature")
    assert next(asking) == (Finding(*row),)


def test_authenticated_clients_are_exempt() -> None:
    ours = seen(PLAIN)._replace(user="alice")
    policy = Dkim(on_no_signature="reject")
    assert verdict_of(policy.on_message(ours, 0), KEY) == ([], None)


def test_options() -> None:
    assert Dkim.from_options({"verify_time": "1ms"}).verify_ns == 1_000_000
    assert Dkim.from_options({}).actions["temperror"] == "tempfail"
    for wrong in ({"verify_time": 1}, {"on_dns_error": "drop"}, {"on": "accept"}, None):
        with pytest.raises(ValueError, match="dkim"):
            Dkim.from_options(wrong)
