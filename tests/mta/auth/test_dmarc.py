"""DMARC of RFC 9989: where the policy is, who the organization is, what is to be done."""

from __future__ import annotations

import pytest
from authentication import answers_from, drive

from mailsim.dns import NOERROR, SERVFAIL, Answer
from mailsim.mta.auth.dmarc import DmarcOutcome, evaluate, parse_dmarc


def evaluated(
    author: str, records: dict[str, str], spf: str = "", dkim: tuple[str, ...] = ()
) -> tuple[list[str], DmarcOutcome]:
    """Return the names asked about, and the outcome; a record by its domain."""
    zone = {(f"_dmarc.{domain}", "TXT"): (text,) for domain, text in records.items()}
    questions, outcome = drive(evaluate(author, spf, dkim), answers_from(zone))
    return [name.removeprefix("_dmarc.") for name, _ in questions], outcome


REJECT = "v=DMARC1; p=reject"


def test_the_author_domain_itself_needs_one_question() -> None:
    asked, outcome = evaluated("example.org", {"example.org": REJECT}, spf="example.org")
    assert asked == ["example.org"]
    assert outcome == ("pass", "none", "example.org", 1)
    _, outcome = evaluated("Example.ORG", {"example.org": REJECT}, dkim=("EXAMPLE.org",))
    assert outcome.result == "pass"
    assert evaluated("example.org", {"example.org": REJECT})[1][:2] == ("fail", "reject")


def test_the_walk_of_the_rfc_asks_eight_questions() -> None:
    """Section 4.10 prints these names."""
    asked, outcome = evaluated("a.b.c.d.e.f.g.h.i.j.mail.example.com", {})
    assert asked == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    ]
    assert outcome == ("none", "none", "", 8)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({"mail.example.com": REJECT, "example.com": "v=DMARC1; p=none"}, "example.com"),
        ({"mail.example.com": "v=DMARC1; p=reject; psd=n", "com": REJECT}, "mail.example.com"),
        ({"com": "v=DMARC1; p=reject; psd=y"}, "com"),
        ({"example.com": REJECT, "com": "v=DMARC1; p=none; psd=y"}, "example.com"),
    ],
)
def test_where_the_policy_is_found(records: dict[str, str], expected: str) -> None:
    """The three examples of section 4.10.2, and an organization below a public suffix."""
    assert evaluated("a.mail.example.com", records)[1].domain == expected


@pytest.mark.parametrize(
    ("records", "identifier", "result"),
    [
        ({"example.com": REJECT}, "bounce.example.com", "pass"),
        ({"example.com": REJECT}, "example.org", "fail"),
        ({"example.com": f"{REJECT}; aspf=s"}, "bounce.example.com", "fail"),
        ({"com": "v=DMARC1; p=reject; psd=y"}, "bounce.example.com", "pass"),
        ({"com": "v=DMARC1; p=reject; psd=y"}, "other.com", "fail"),
        ({"mail.example.com": f"{REJECT}; psd=n", "example.com": REJECT}, "example.com", "fail"),
        ({"mail.example.com": f"{REJECT}; psd=y"}, "a.mail.example.com", "fail"),
    ],
)
def test_relaxed_alignment_is_the_same_organization(
    records: dict[str, str], identifier: str, result: str
) -> None:
    assert evaluated("mail.example.com", records, spf=identifier)[1].result == result


def test_each_identifier_has_its_own_strictness() -> None:
    records = {"example.com": f"{REJECT}; adkim=s"}
    author = "www.example.com"
    assert evaluated(author, records, dkim=("example.com",))[1].result == "fail"
    assert evaluated(author, records, spf="example.com")[1].result == "pass"
    both = evaluated(author, records, spf="x.org", dkim=("y.org", "www.example.com"))
    assert both[1].result == "pass"


@pytest.mark.parametrize(
    ("text", "exists", "wanted"),
    [
        (REJECT, True, "reject"),
        ("v=DMARC1; p=reject; sp=quarantine", True, "quarantine"),
        ("v=DMARC1; p=none; sp=quarantine; np=reject", True, "quarantine"),
        ("v=DMARC1; p=none; sp=quarantine; np=reject", False, "reject"),
        ("v=DMARC1; p=none; np=reject", False, "reject"),
        ("v=DMARC1; p=reject; sp=none", False, "none"),
        ("v=DMARC1; p=reject; t=y", True, "quarantine"),
        ("v=DMARC1; p=quarantine; t=y", True, "none"),
        ("v=DMARC1; p=none; t=y", True, "none"),
    ],
)
def test_what_is_wanted_for_a_domain_below(text: str, exists: bool, wanted: str) -> None:
    zone: dict[tuple[str, str], tuple[object, ...]] = {("_dmarc.example.com", "TXT"): (text,)}
    if exists:
        zone["www.example.com", "MX"] = ((10, "mx.example.com"),)
    _, outcome = drive(evaluate("www.example.com", "", ()), answers_from(zone))
    assert outcome.disposition == wanted


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC2; p=reject",
        "p=reject; v=DMARC1",
        "v=DMARC1",
        "v=DMARC1; p=often",
        "v=DMARC1; p=none; sp=never",
        "v=DMARC1; rua=nobody",
        "v=spf1 -all",
    ],
)
def test_what_is_no_record(text: str) -> None:
    assert parse_dmarc(text) is None
    assert evaluated("example.org", {"example.org": text})[1].result == "none"


def test_records() -> None:
    assert parse_dmarc(" v = DMARC1 ;p=Reject ; adkim=s;aspf=x;psd=q;t=n; p=none;;moo") == (
        *("reject", "reject", "reject"),
        *(False, True, "u", False),
    )
    reports = parse_dmarc("v=DMARC1; sp=wrong; rua=x, mailto:a@example.org")
    assert reports is not None
    assert (reports.p, reports.sp, reports.np) == ("none", "none", "none")


def test_two_records_are_none() -> None:
    zone = {("_dmarc.example.org", "TXT"): (REJECT, REJECT)}
    _, outcome = drive(evaluate("example.org", "", ()), answers_from(zone))
    assert outcome.result == "none"


def test_a_question_without_answer() -> None:
    def ask(name: str, type: str) -> Answer:
        if name == "_dmarc.www.example.com":
            return Answer(NOERROR, (REJECT,), 60)
        return Answer(SERVFAIL, (), 0)

    _, outcome = drive(evaluate("example.com", "", ()), ask)
    assert outcome == ("temperror", "none", "", 1)
    _, outcome = drive(evaluate("www.example.com", "example.com", ()), ask)
    assert outcome == ("temperror", "none", "www.example.com", 2)
