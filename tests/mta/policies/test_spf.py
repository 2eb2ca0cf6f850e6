"""The policy spf: which results refuse, with which codes, and what it asks."""

from __future__ import annotations

import pytest
from authentication import Ask, answers_from, verdict_of

from mailsim.dns import SERVFAIL, Answer
from mailsim.mta.policies import Lookup, Seen
from mailsim.mta.policies.spf import Spf

SEEN = Seen("out", "192.0.2.25", "out.example.org", "", "a@example.org", "", False)


def ask_of(**records: str) -> Ask:
    """Return answers from SPF records of example.org (``sender``) and the client (``helo``)."""
    names = {"sender": "example.org", "helo": "out.example.org", "why": "why.example.org"}
    return answers_from({(names[key], "TXT"): (text,) for key, text in records.items()})


def test_the_client_is_asked_about_first_then_the_sender() -> None:
    asked, verdict = verdict_of(Spf().on_mail(SEEN, 0), ask_of(sender="v=spf1 +all"))
    assert asked == [Lookup("out.example.org", "TXT"), Lookup("example.org", "TXT")]
    assert verdict is None


@pytest.mark.parametrize(
    ("level", "refused"),
    [
        ("fail", ["-all"]),
        ("softfail", ["-all", "~all"]),
        ("not_pass", ["-all", "~all", "?all", "moo"]),
        ("never", []),
    ],
)
def test_levels(level: str, refused: list[str]) -> None:
    for record in ("-all", "~all", "?all", "+all", "moo"):
        policy = Spf(mail_from_reject=level)
        _, verdict = verdict_of(policy.on_mail(SEEN, 0), ask_of(sender=f"v=spf1 {record}"))
        assert (verdict is not None) == (record in refused), record
        policy = Spf(helo_reject=level)
        _, verdict = verdict_of(policy.on_mail(SEEN, 0), ask_of(helo=f"v=spf1 {record}"))
        assert (verdict is not None) == (record in refused), record


def test_what_is_not_to_be_checked_is_not_asked() -> None:
    asked, _ = verdict_of(Spf("no_check").on_mail(SEEN, 0), ask_of())
    assert asked == [Lookup("example.org", "TXT")]
    asked, _ = verdict_of(Spf("never", "no_check").on_mail(SEEN, 0), ask_of())
    assert asked == [Lookup("out.example.org", "TXT")]
    asked, _ = verdict_of(Spf().on_mail(SEEN._replace(sender=""), 0), ask_of())
    assert asked == [Lookup("out.example.org", "TXT")]
    exempt = (SEEN._replace(user="alice"), SEEN._replace(client="mx2"))
    for seen in exempt:
        assert verdict_of(Spf(skip=["mx2"]).on_mail(seen, 0), ask_of()) == ([], None)


def test_a_client_without_an_address_has_no_policy() -> None:
    seen = SEEN._replace(address="unix")
    assert verdict_of(Spf().on_mail(seen, 0), ask_of(sender="v=spf1 -all")) == ([], None)


def test_replies() -> None:
    records = {"sender": "v=spf1 -all exp=why.example.org", "why": "%{i} is not ours"}
    _, verdict = verdict_of(Spf().on_mail(SEEN, 0), ask_of(**records))
    assert (verdict.code, verdict.enhanced) == (550, "5.7.23")
    assert verdict.lines == (
        "SPF MAIL FROM check of example.org for 192.0.2.25: fail (-all)",
        "The domain example.org explains: 192.0.2.25 is not ours",
    )
    _, verdict = verdict_of(Spf().on_mail(SEEN, 0), ask_of(helo="v=spf1 ip4:192.0.2.1 -all"))
    text = "SPF HELO check of out.example.org for 192.0.2.25: fail (-all)"
    assert str(verdict) == f"550 5.7.23 {text}"


def test_errors() -> None:
    wrong = ask_of(sender="v=spf1 a:")
    assert verdict_of(Spf().on_mail(SEEN, 0), wrong)[1] is None
    _, verdict = verdict_of(Spf(permerror_reject=True).on_mail(SEEN, 0), wrong)
    assert str(verdict).startswith("550 5.7.24 SPF MAIL FROM check of example.org")

    def down(name: str, type: str) -> Answer:
        return Answer(SERVFAIL, (), 0)

    assert verdict_of(Spf().on_mail(SEEN, 0), down)[1] is None
    _, verdict = verdict_of(Spf(temperror_defer=True).on_mail(SEEN, 0), down)
    assert str(verdict).startswith("451 4.7.24 SPF HELO check of out.example.org")


def test_options() -> None:
    given = {"mail_from_reject": "softfail", "skip": ["mx2", "mx1"], "temperror_defer": True}
    policy = Spf.from_options(given)
    assert (policy.helo_reject, policy.mail_from_reject) == ("fail", "softfail")
    assert list(policy.hosts()) == ["mx1", "mx2"]
    for wrong in ({"skip": "mx1"}, {"helo_reject": "often"}, {"permerror_reject": 1}, {"x": 1}, 1):
        with pytest.raises(ValueError, match="spf"):
            Spf.from_options(wrong)
