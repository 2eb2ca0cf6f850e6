"""Zone files: the records they give, and the line of whatever cannot be read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mailsim.dns.records import Record
from mailsim.dns.zonefile import ZoneSyntaxError, line_of, parse_zone


@pytest.mark.row("D-04")
@pytest.mark.row("D-11")
def test_a_zone_as_mail_people_write_it() -> None:
    text = """\
@      3600 IN MX  10 MX1
@      3600 IN TXT "v=spf1 " "mx -all"
mx1     300 IN A   192.0.2.25   ; the big one
        300 IN A   192.0.2.26
www         IN CNAME mx1.Example.org.
"""
    assert parse_zone("example.org", text) == [
        Record("example.org", "SOA", 3600, 3600),
        Record("example.org", "MX", 3600, (10, "mx1.example.org")),
        Record("example.org", "TXT", 3600, "v=spf1 mx -all"),
        Record("mx1.example.org", "A", 300, "192.0.2.25"),
        Record("mx1.example.org", "A", 300, "192.0.2.26"),
        Record("www.example.org", "CNAME", 3600, "mx1.example.org"),
    ]


def test_an_soa_of_its_own_stands_first_with_its_minimum() -> None:
    text = "mx A 192.0.2.1\n@ 600 SOA ns root 1 7200 900 1209600 77\n"
    assert parse_zone("example.org", text)[0] == Record("example.org", "SOA", 600, 77)


def test_the_default_ttl_can_be_set() -> None:
    assert parse_zone("example.org", "$TTL 60\nmx A 192.0.2.1\n")[1].ttl_s == 60


@pytest.mark.row("R-05")
def test_null_mx() -> None:
    """RFC 7505: a domain that takes no mail."""
    assert parse_zone("example.org", "@ MX 0 .\n")[1].data == (0, "")


@pytest.mark.row("D-04")
def test_origin_and_generate() -> None:
    text = "$ORIGIN eu.example.org.\n$GENERATE 1-3 mx$ A 192.0.2.$\n"
    names = [record.name for record in parse_zone("example.org", text)[1:]]
    assert names == [f"mx{i}.eu.example.org" for i in (1, 2, 3)]


def test_an_empty_zone_has_its_soa() -> None:
    assert [record.type for record in parse_zone("example.org", "")] == ["SOA"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "@ MX 10 mx\nmx A 192.0.2.999\nwww A 192.0.2.1\n",
            2,
            "data of this record do not fit its type",
        ),
        ("@ MX 10 mx\n\n; nothing\nmx B 192.0.2.1\n", 4, "unknown rdatatype 'B'"),
        ("@ MX mx\n", 1, "expected an integer"),
        ("mx A 192.0.2.1\nwww.example.com. A 192.0.2.2\n", 2, "not in the zone example.org"),
        ("mx A 192.0.2.1\nmx CNAME www\n", 2, "CNAME"),
        ("mx A 192.0.2.1\n$TTL soon\n", 2, "TTL"),
        ("mx A (\n", 1, "unbalanced"),
        ("@ MX 10 mx\nmx -5 A 192.0.2.1\n", 2, "expected a TTL from 0 to 2147483647 s, got -5"),
        ("mx 2147483648 A 192.0.2.1\n", 1, "expected a TTL .* got 2147483648"),
        ("mx 99999999999 IN A 192.0.2.1\n", 1, "expected a TTL .* got 99999999999"),
        ("@ MX 10 mx extra\n", 1, "extra"),
        ('mx A 192.0.2.1\n@ TXT "open\n', 2, "newline in quoted string"),
        ("$INCLUDE /etc/hostname\n", 1, "not allowed"),
        ("mx A 192.0.2.1\nsub SOA ns root 1 2 3 4 5\n", 2, "non-origin SOA"),
    ],
)
@pytest.mark.row("D-04")
def test_the_line_that_is_wrong(text: str, line: int, message: str) -> None:
    with pytest.raises(ZoneSyntaxError, match=message) as caught:
        parse_zone("example.org", text)
    assert caught.value.line == line
    assert "<string>" not in caught.value.message


def test_dnspython_is_imported_only_to_read_a_zone() -> None:
    code = "import sys, mailsim.dns.zonefile; sys.exit('dns' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_line_of_a_record() -> None:
    text = "@ MX 10 mx\n\n  MX 20 (\n    b )  ; two lines\nmx A 192.0.2.1\n"
    text += "$GENERATE 1-2 w$ A 192.0.2.$\n"
    lines = [line_of("example.org", text, r) for r in parse_zone("example.org", text)]
    assert lines == [1, 1, 3, 5, 6, 6], "an SOA that was added comes from nowhere"


@pytest.mark.row("D-04")
def test_every_type_that_mail_asks_for() -> None:
    text = (
        "@ NS ns\n_25._tcp.mx TLSA 3 1 1 " + 32 * "ab" + "\nmx AAAA 2001:DB8:0::25\n@ MX 10 mx\n"
        "25.2.0.192.in-addr PTR Mx\nwww CNAME mx\nt TXT a\nmx A 192.0.2.25\n"
    )
    data = {record.type: record.data for record in parse_zone("example.org", text)}
    assert data == {
        "SOA": 3600,
        "NS": "ns.example.org",
        "TLSA": "3 1 1 " + 32 * "ab",
        "AAAA": "2001:db8::25",
        "MX": (10, "mx.example.org"),
        "PTR": "mx.example.org",
        "CNAME": "mx.example.org",
        "TXT": "a",
        "A": "192.0.2.25",
    }


def test_the_root_zone() -> None:
    names = [record.name for record in parse_zone("", "org NS ns.org.\nns.org. A 192.0.2.1\n")]
    assert names == ["", "org", "ns.org"]


def test_a_name_that_no_zone_can_have() -> None:
    with pytest.raises(ZoneSyntaxError, match="is not the name of a zone"):
        parse_zone("a..b", "")
