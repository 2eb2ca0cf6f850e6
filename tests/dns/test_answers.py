"""Name servers, caches and the order of exchangers."""

from __future__ import annotations

from mailsim.dns import (
    NODATA,
    NOERROR,
    NXDOMAIN,
    SERVFAIL,
    Answer,
    Authority,
    Cache,
    Record,
    order_mx,
    without_own,
    zone_of,
)
from mailsim.dns.zonefile import parse_zone

S = 1_000_000_000
ZONE = """\
@ 300 IN MX 10 mx
@ 300 IN MX 20 b
mx 60 IN A 192.0.2.1
mx 60 IN A 192.0.2.2
a.deep A 192.0.2.3
"""


def authority() -> Authority:
    return Authority({"example.org": parse_zone("example.org", ZONE)})


def test_answers() -> None:
    server = authority()
    mx = server.answer("example.org", "MX")
    assert mx == Answer(NOERROR, ((10, "mx.example.org"), (20, "b.example.org")), 300)
    assert server.answer("mx.example.org", "A").data == ("192.0.2.1", "192.0.2.2")
    assert server.answer("mx.example.org", "MX") == Answer(NODATA, (), 3600)
    assert server.answer("deep.example.org", "A").status == NODATA, "an empty non-terminal"
    assert server.answer("nobody.example.org", "A") == Answer(NXDOMAIN, (), 3600)
    assert server.answer("example.net", "A").status == SERVFAIL


def test_the_negative_ttl_is_the_soas() -> None:
    soa = Record("example.org", "SOA", 900, 60)
    server = Authority({"example.org": [soa], "example.net": []})
    assert server.answer("x.example.org", "A").ttl_s == 60
    assert server.answer("x.example.net", "A") == Answer(NXDOMAIN, (), 0)


def test_the_root_answers_for_what_nobody_else_has() -> None:
    server = Authority({"": parse_zone("", "org A 192.0.2.1")})
    assert server.answer("org", "A").data == ("192.0.2.1",)
    assert server.answer("", "A").status == NODATA
    assert server.answer("com", "A").status == NXDOMAIN


def test_the_longest_zone_wins() -> None:
    assert zone_of("a.b.example.org", ["example.org", "b.example.org"]) == "b.example.org"
    assert zone_of("notexample.org", ["example.org"]) is None
    assert zone_of("example.com", ["example.org", ""]) == "", "the root has every name"


def test_a_cache_keeps_an_answer_for_its_ttl() -> None:
    cache = Cache()
    answer = Answer(NOERROR, ("192.0.2.1",), 60)
    assert cache.get("a", "A", 0) is None
    assert cache.put("a", "A", answer, 5 * S) == 65 * S
    assert cache.get("a", "A", 65 * S - 1) == (65 * S, answer)
    assert cache.get("a", "A", 65 * S) is None
    assert cache.get("a", "MX", 10 * S) is None
    assert len(cache) == 1


def test_exchangers_by_preference_equal_ones_at_random() -> None:
    records = [(20, "c"), (10, "b"), (10, "a")]
    draws = iter([0.9, 0.1, 0.5])
    assert order_mx(records, lambda: next(draws)) == [(10, "b"), (10, "a"), (20, "c")]
    assert order_mx([(20, "b"), (10, "a")], lambda: 1 / 0) == [(10, "a"), (20, "b")]


def test_a_relay_drops_itself_and_what_is_preferred_less() -> None:
    records = [(10, "a"), (20, "me"), (20, "b"), (30, "c")]
    assert without_own(records, "me") == [(10, "a")]
    assert without_own(records, "you") == records
    assert without_own([(10, "me")], "me") == []
