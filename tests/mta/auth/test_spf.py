"""SPF is evaluated as RFC 7208 says, and as pyspf does."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import pytest
import spf
from authentication import drive
from hypothesis import given
from hypothesis import strategies as st
from spf_cases import BROKEN, CASES, ZONES, Case

from mailsim.dns import NXDOMAIN, REFUSED, SERVFAIL, Answer, Authority
from mailsim.dns.zonefile import parse_zone
from mailsim.mta.auth.spf import SpfOutcome, check_host
from mailsim.mta.auth.spf_record import SpfError, is_explanation, parse_spf

AUTHORITY = Authority({origin: parse_zone(origin, text) for origin, text in ZONES.items()})
Ask = Callable[[str, str], Answer]


def answer(name: str, type: str) -> Answer:
    if name.endswith(BROKEN):
        return Answer(SERVFAIL, (), 0)
    found = AUTHORITY.answer(name, type)
    return Answer(NXDOMAIN, (), 0) if found.status == REFUSED else found


def evaluated(asking: Generator[Any, Any, SpfOutcome], ask: Ask = answer) -> SpfOutcome:
    outcome: SpfOutcome = drive(asking, ask)[1]
    return outcome


def domain_of(case: Case) -> str:
    return case.domain[:-1] if case.domain.endswith(".") else f"{case.domain}.example.com"


def check(case: Case) -> SpfOutcome:
    domain = domain_of(case)
    return evaluated(check_host(case.address, domain, f"{case.local}@{domain}", case.helo))


def pyspf(ask: Ask, monkeypatch: pytest.MonkeyPatch, *args: str) -> tuple[str, str]:
    """Return pyspf's result and explanation over the same answers."""

    def lookup(name: str, type: str, strict: bool = True, timeout: float = 0) -> list[Any]:
        found = ask(name.lower(), type)
        if found.status == SERVFAIL:
            raise spf.TempError("no answer")
        data = [(text.encode(),) for text in found.data] if type == "TXT" else found.data
        return [((name, type), one) for one in data]

    monkeypatch.setattr(spf, "DNSLookup", lookup)
    result, _, explanation = spf.query(*args).check()
    return result, explanation


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.domain}-{case.address}")
def test_a_case(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = check(case)
    assert (outcome.result, outcome.explanation) == (case.result, case.explanation)
    domain = domain_of(case)
    args = (case.address, f"{case.local}@{domain}", case.helo)
    result, explanation = pyspf(answer, monkeypatch, *args)
    assert (result != case.result) == bool(case.differs)
    if case.explanation:
        assert explanation == case.explanation


def test_what_an_evaluation_cost_and_why_it_ended() -> None:
    outcome = check(Case("ten1", ""))
    assert (outcome.n_terms, outcome.n_void, outcome.why) == (10, 0, "ip4:192.0.2.1")
    outcome = check(Case("void3", ""))
    assert (outcome.n_terms, outcome.n_void) == (3, 3)
    assert outcome.why == "more than 2 void answers: x3.example.com A"
    assert check(Case("neutral", "")).why == "?all"
    assert check(Case("empty", "")).why == "no mechanism matched"
    assert check(Case("late", "")).why == "cannot read 'ip4:192.0.2.300'"


def test_the_null_sender_and_the_time_and_name_of_the_receiver() -> None:
    told = {
        ("mail.example.org", "TXT"): ("v=spf1 -all exp=%{l}.example.org",),
        ("postmaster.example.org", "TXT"): ("%{r} %{t} %{c} %{p} %{o}%%%-%{d2r}",),
    }

    def ask(name: str, type: str) -> Answer:
        data = told.get((name, type), ())
        return Answer("NOERROR" if data else NXDOMAIN, data, 60)

    host = "mail.example.org"
    outcome = evaluated(
        check_host("2001:db8::7", host, f"@{host}", host, receiver="mx.example.net", unix_s=12),
        ask,
    )
    words = "mx.example.net 12 2001:db8::7 unknown mail.example.org%%20example.mail"
    assert outcome.explanation == words


def test_the_best_of_several_names_is_the_one_of_the_domain() -> None:
    """Section 7.3: the domain itself, else a name below it, else any."""
    names = ("a.example.net", "x.example.org", "example.org")
    for n, expected in ((3, "example.org"), (2, "x.example.org"), (1, "a.example.net")):
        asked = []

        def ask(name: str, type: str, n: int = n, asked: list[str] = asked) -> Answer:
            asked.append(name)
            if type == "TXT":
                return Answer("NOERROR", ("v=spf1 exists:%{p}.p.example.org -all",), 60)
            return Answer("NOERROR", names[:n] if type == "PTR" else ("192.0.2.1",), 60)

        outcome = evaluated(check_host("192.0.2.1", "example.org", "b@example.org", "h"), ask)
        assert outcome.result == "pass"
        assert asked[-1] == f"{expected}.p.example.org"


def test_more_than_ten_names_of_a_client_are_not_looked_at() -> None:
    def ask(name: str, type: str) -> Answer:
        if type == "TXT":
            return Answer("NOERROR", ("v=spf1 ptr:example.org -all",), 60)
        if type == "PTR":
            return Answer("NOERROR", tuple(f"h{i}.example.org" for i in range(12)), 60)
        return Answer("NOERROR", ("192.0.2.1" if name == "h11.example.org" else "192.0.2.2",), 60)

    outcome = evaluated(check_host("192.0.2.1", "example.org", "b@example.org", "h"), ask)
    assert outcome.result == "fail"


TERMS = st.sampled_from(
    (
        *("all", "-all", "~all", "?all", "a", "mx", "ptr", "include", "a:/24", "a/33", "a.b"),
        *("a:www.example.com", "a:mx1.example.com/24//32", "mx:example.com/30", "ip4:1.2.3"),
        *("ip4:192.0.2.0/24", "ip4:192.0.2.1", "-ip4:192.0.2.1/0", "ip6:2001:db8::/64", "ip6::"),
        *("include:net.example.com", "include:none.example.com", "include:void3.example.com"),
        *("exists:%{i}.example.com", "exists:%{l1r+}.%{d3}.example.com", "a:%{h}.%{v}.org"),
        *("?mx:x1.example.com", "~a:x2.example.com", "exp=why.example.com", "moo=%{d}"),
        *("a:%%.%_com", "ptr:example.org", "exists:%{S}.%-.example.com"),
    )
)
ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.10", "198.51.100.7", "2001:db8::20"])


@given(st.lists(TERMS, max_size=6, unique=True), ADDRESSES, st.text("ab+-.", max_size=5))
def test_any_record_gives_what_pyspf_gives(terms: list[str], address: str, local: str) -> None:
    def ask(name: str, type: str) -> Answer:
        if (name, type) == ("any.example.com", "TXT"):
            return Answer("NOERROR", (" ".join(["v=spf1", *terms]),), 60)
        return answer(name, type)

    domain, helo = "any.example.com", "mail.example.org"
    sender = f"{local or 'x'}@{domain}"
    outcome = evaluated(check_host(address, domain, sender, helo), ask)
    with pytest.MonkeyPatch.context() as patch:
        assert pyspf(ask, patch, address, sender, helo)[0] == outcome.result


@given(st.text("v=spf1 :/.%{}ra0123ip4mxlt+-~?é", max_size=60))
def test_any_text_is_a_record_or_an_error(text: str) -> None:
    with suppress(SpfError):
        parse_spf(f"v=spf1 {text}")


def test_explanations() -> None:
    assert is_explanation("it is %{t} and %{C} is wrong%_%%")
    assert not is_explanation("100 % sure")
    assert not is_explanation("Grüße")
