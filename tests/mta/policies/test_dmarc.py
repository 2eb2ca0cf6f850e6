"""The policy dmarc: what is done with a message that nobody answers for."""

from __future__ import annotations

import pytest
from authentication import Ask, answers_from, verdict_of

from mailsim.dns import SERVFAIL, Answer
from mailsim.message import Content, Head, new_content
from mailsim.mta.auth.dkim import sign
from mailsim.mta.policies import Action, Seen
from mailsim.mta.policies.dmarc import Dmarc

PLAIN = new_content(Head(7, "mx", "a@example.org", "b@example.net", "hello", 0), 1000)
SIGNED = sign(PLAIN, "example.org", "s1")
SEEN = Seen("esp", "192.0.2.25", "esp.example", "", "b@esp.example", "", False, content=PLAIN)


def world(policy: str, **spf: str) -> Ask:
    """Return answers from a DMARC policy, a key, and SPF records by ``org`` and ``esp``."""
    names = {"org": "example.org", "esp": "esp.example"}
    return answers_from(
        {
            ("_dmarc.example.org", "TXT"): (f"v=DMARC1; {policy}",),
            ("s1._domainkey.example.org", "TXT"): ("p=AA",),
            **{(names[key], "TXT"): (f"v=spf1 {text}",) for key, text in spf.items()},
        }
    )


def test_spf_of_somebody_else_does_not_answer_for_the_author() -> None:
    _, verdict = verdict_of(Dmarc().on_message(SEEN, 0), world("p=reject", esp="+all"))
    text = "550 5.7.1 Email rejected per DMARC policy for example.org (example.org)"
    assert str(verdict) == f"{text}: spf=pass dkim=none"


def test_spf_of_the_author_or_a_signature_does() -> None:
    seen = SEEN._replace(sender="a@example.org")
    ask = world("p=reject", org="+all")
    assert verdict_of(Dmarc().on_message(seen, 0), ask)[1] is None
    assert verdict_of(Dmarc().on_message(SEEN._replace(content=SIGNED), 0), ask)[1] is None
    null = SEEN._replace(sender="", helo="example.org")
    assert verdict_of(Dmarc().on_message(null, 0), ask)[1] is None
    failed = world("p=reject", org="-all")
    _, verdict = verdict_of(Dmarc().on_message(seen, 0), failed)
    assert verdict.text.endswith("spf=fail dkim=none")


@pytest.mark.parametrize(
    ("policy", "options", "expected"),
    [
        ("p=reject", {"reject": False}, None),
        ("p=none", {}, None),
        ("p=quarantine", {}, None),
        ("p=quarantine", {"quarantine": "reject"}, 550),
        ("p=quarantine", {"quarantine": "discard"}, Action.DISCARD),
        ("p=quarantine", {"quarantine": "discard", "reject": False}, Action.DISCARD),
    ],
)
def test_what_is_done(policy: str, options: dict[str, object], expected: object) -> None:
    made = Dmarc.from_options(options)
    _, verdict = verdict_of(made.on_message(SEEN, 0), world(policy))
    assert getattr(verdict, "code", verdict) == expected


def test_nobody_answers() -> None:
    def down(name: str, type: str) -> Answer:
        return Answer(SERVFAIL, (), 0)

    assert verdict_of(Dmarc().on_message(SEEN, 0), down)[1] is None
    _, verdict = verdict_of(Dmarc(temperror_defer=True).on_message(SEEN, 0), down)
    assert str(verdict) == "451 4.7.5 DMARC policy of example.org cannot be found out"


def test_who_is_not_looked_at() -> None:
    nobody = Content.from_bytes(b"Subject: hello\r\n\r\nhello\r\n")
    for seen in (SEEN._replace(user="alice"), SEEN._replace(content=nobody)):
        assert verdict_of(Dmarc().on_message(seen, 0), world("p=reject")) == ([], None)


@pytest.mark.parametrize("wrong", [{"reject": 1}, {"quarantine": "junk"}, {"p": "none"}, []])
def test_options(wrong: object) -> None:
    with pytest.raises(ValueError, match="dmarc"):
        Dmarc.from_options(wrong)
