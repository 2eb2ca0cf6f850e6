"""Name servers, caches and the order of exchangers."""

from __future__ import annotations

import pytest

from mailsim.dns import (
    ALIAS,
    MOST_ALIASES,
    NODATA,
    NOERROR,
    NXDOMAIN,
    REFERRAL,
    REFUSED,
    SERVFAIL,
    Answer,
    Authority,
    Cache,
    Record,
    interleave,
    is_name,
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


@pytest.mark.row("D-01")
@pytest.mark.row("D-10")
def test_answers() -> None:
    server = authority()
    mx = server.answer("example.org", "MX")
    assert mx == Answer(NOERROR, ((10, "mx.example.org"), (20, "b.example.org")), 300)
    assert server.answer("mx.example.org", "A").data == ("192.0.2.1", "192.0.2.2")
    assert server.answer("mx.example.org", "MX") == Answer(NODATA, (), 3600)
    assert server.answer("deep.example.org", "A").status == NODATA, "an empty non-terminal"
    assert server.answer("nobody.example.org", "A") == Answer(NXDOMAIN, (), 3600)
    assert server.answer("example.net", "A").status == REFUSED


class TestAliases:
    ZONE = """\
@ MX 10 mx
mx 900 A 192.0.2.1
www 60 CNAME mx
web 600 CNAME www
far 60 CNAME www.example.net.
gone 60 CNAME nobody
"""

    def answer(self, name: str, type: str) -> Answer:
        server = Authority({"example.org": parse_zone("example.org", self.ZONE)})
        return server.answer(f"{name}.example.org", type)

    @pytest.mark.row("D-03")
    def test_the_answer_is_that_of_the_target_with_the_least_ttl(self) -> None:
        www = Record("www.example.org", "CNAME", 60, "mx.example.org")
        web = Record("web.example.org", "CNAME", 600, "www.example.org")
        assert self.answer("www", "A") == Answer(NOERROR, ("192.0.2.1",), 60, (www,))
        assert self.answer("web", "A") == Answer(NOERROR, ("192.0.2.1",), 60, (web, www))
        assert self.answer("web", "MX") == Answer(NODATA, (), 60, (web, www))
        assert self.answer("gone", "A").status == NXDOMAIN

    def test_who_asks_for_the_alias_gets_it(self) -> None:
        assert self.answer("www", "CNAME") == Answer(NOERROR, ("mx.example.org",), 60)

    def test_a_target_that_the_server_does_not_know(self) -> None:
        far = Record("far.example.org", "CNAME", 60, "www.example.net")
        assert self.answer("far", "A") == Answer(ALIAS, (), 60, (far,))

    @pytest.mark.row("D-03")
    def test_too_many_in_a_row(self) -> None:
        """As many as allowed are followed, one more and all in a loop are not."""
        text = "".join(f"a{i} CNAME a{i + 1}\n" for i in range(MOST_ALIASES + 1))
        zone = parse_zone("example.org", f"{text}a{MOST_ALIASES + 1} A 192.0.2.1\nx CNAME x\n")
        server = Authority({"example.org": zone})
        assert server.answer("a1.example.org", "A").data == ("192.0.2.1",)
        assert server.answer("a0.example.org", "A").status == SERVFAIL
        assert server.answer("x.example.org", "A").status == SERVFAIL


class TestDelegation:
    ZONE = """\
@ NS ns
ns A 192.0.2.1
sub 600 NS ns.sub
sub 300 NS ns.example.net.
ns.sub A 192.0.2.2
ns.sub AAAA 2001:db8::2
to CNAME www.sub
"""

    @pytest.mark.row("D-01")
    def test_a_referral_with_glue(self) -> None:
        server = Authority({"example.org": parse_zone("example.org", self.ZONE)})
        for name in ("sub", "www.sub", "ns.sub"):
            answer = server.answer(f"{name}.example.org", "A")
            assert (answer.status, answer.ttl_s) == (REFERRAL, 300)
            (delegation,) = answer.data
            assert delegation.zone == "sub.example.org"
            assert delegation.servers == (
                ("ns.sub.example.org", ("192.0.2.2", "2001:db8::2")),
                ("ns.example.net", ()),
            )
        assert server.answer("to.example.org", "A").status == ALIAS
        assert server.answer("example.org", "NS").data == ("ns.example.org",)

    @pytest.mark.row("D-01")
    def test_a_server_of_both_zones_knows_what_lies_below(self) -> None:
        zones = {"example.org": self.ZONE, "sub.example.org": "www A 192.0.2.3\n"}
        server = Authority({origin: parse_zone(origin, text) for origin, text in zones.items()})
        assert server.answer("to.example.org", "A").data == ("192.0.2.3",)
        assert server.answer("ns.sub.example.org", "A").status == NXDOMAIN


@pytest.mark.row("D-10")
def test_a_wildcard_answers_for_names_that_do_not_exist() -> None:
    """RFC 4592 section 2.2.1."""
    text = "* MX 10 mx\nmx A 192.0.2.1\nx.y A 192.0.2.2\n"
    server = Authority({"example.org": parse_zone("example.org", text)})
    assert server.answer("any.thing.example.org", "MX").data == ((10, "mx.example.org"),)
    assert server.answer("any.example.org", "A").status == NODATA
    assert server.answer("mx.example.org", "MX").status == NODATA, "the name exists"
    assert server.answer("z.y.example.org", "MX").status == NXDOMAIN, "y exists, *.y does not"
    root = Authority({"": parse_zone("", "* MX 10 mx\n")})
    assert root.answer("org", "MX").data == ((10, "mx"),)


@pytest.mark.row("D-08")
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


@pytest.mark.row("D-01")
def test_the_longest_zone_wins() -> None:
    assert zone_of("a.b.example.org", ["example.org", "b.example.org"]) == "b.example.org"
    assert zone_of("notexample.org", ["example.org"]) is None
    assert zone_of("example.com", ["example.org", ""]) == "", "the root has every name"


@pytest.mark.row("D-07")
def test_a_cache_keeps_an_answer_for_its_ttl() -> None:
    cache = Cache()
    answer = Answer(NOERROR, ("192.0.2.1",), 60)
    assert cache.get("a", "A", 0) is None
    assert cache.put("a", "A", answer, 5 * S) == 65 * S
    assert cache.get("a", "A", 65 * S - 1) == (65 * S, answer)
    assert cache.get("a", "A", 65 * S) is None
    assert cache.get("a", "MX", 10 * S) is None
    assert len(cache) == 1


@pytest.mark.row("D-08")
def test_that_a_name_does_not_exist_holds_for_all_types() -> None:
    """RFC 2308 section 5; that it has no such records holds for one."""
    cache = Cache()
    cache.put("gone", "A", Answer(NXDOMAIN, (), 60), 0)
    cache.put("bare", "A", Answer(NODATA, (), 60), 0)
    alias = Record("www", "CNAME", 60, "gone")
    cache.put("www", "A", Answer(NXDOMAIN, (), 60, (alias,)), 0)
    assert cache.get("gone", "MX", S) == (60 * S, Answer(NXDOMAIN, (), 60))
    assert cache.get("bare", "A", S) is not None
    assert cache.get("bare", "MX", S) is None
    assert cache.get("www", "MX", S) is None, "the alias itself exists"
    assert cache.get("gone", "MX", 60 * S) is None


def test_two_families_take_turns() -> None:
    assert interleave(["a", "b", "c"], ["x"]) == ["a", "x", "b", "c"]
    assert interleave(["a"], ["x", "y"]) == ["a", "x", "y"]
    assert interleave([], ["x"]) == ["x"]


@pytest.mark.row("R-03")
def test_exchangers_by_preference_equal_ones_at_random() -> None:
    records = [(20, "c"), (10, "b"), (10, "a")]
    draws = iter([0.9, 0.1, 0.5])
    assert order_mx(records, lambda: next(draws)) == [(10, "b"), (10, "a"), (20, "c")]
    assert order_mx([(20, "b"), (10, "a")], lambda: 1 / 0) == [(10, "a"), (20, "b")]


@pytest.mark.row("R-04")
def test_a_relay_drops_itself_and_what_is_preferred_less() -> None:
    records = [(10, "a"), (20, "me"), (20, "b"), (30, "c")]
    assert without_own(records, "me") == [(10, "a")]
    assert without_own(records, "you") == records
    assert without_own([(10, "me")], "me") == []


def test_a_record_set_may_be_replaced() -> None:
    from mailsim.dns import Authority
    from mailsim.dns.zonefile import parse_zone

    zone = parse_zone("example.net", "@ 300 IN MX 10 mx\nmx 300 IN A 198.51.100.25\n")
    authority = Authority({"example.net": zone})
    before = authority.replace("example.net", "MX", ((10, "other.example.org"),))
    assert before is not None
    assert before.data == ((10, "mx.example.net"),)
    found = authority.answer("example.net", "MX")
    assert (found.data, found.ttl_s) == (((10, "other.example.org"),), 300)
    assert authority.replace("example.com", "MX", ()) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.org", True),
        ("", True),
        ("_25._tcp.mx.example.org", True),
        (f"{'a' * 63}.org", True),
        (f"{'a' * 64}.org", False),
        (".".join(["a" * 49] * 5), True),
        (".".join(["a" * 49] * 5 + ["abc"]), True),
        (".".join(["a" * 49] * 5 + ["abcd"]), False),
        ("a..b", False),
        (".a", False),
        ("a b.org", False),
    ],
)
@pytest.mark.row("D-11")
def test_names(name: str, *, expected: bool) -> None:
    assert is_name(name) is expected
