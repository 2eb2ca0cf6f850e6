"""Sizes of messages on the wire, held against dnspython's own."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest

from mailsim.dns import Answer, Authority, answer_bytes, question_bytes
from mailsim.dns.zonefile import parse_zone

ZONE = f"""\
@ MX 10 mx
mx A 192.0.2.1
mx A 192.0.2.2
mx AAAA 2001:db8::1
_25._tcp.mx TLSA 3 1 1 {32 * "ab"}
@ TXT "{250 * "a"}" "{250 * "b"}"
www CNAME mx
25 PTR mail.example.net.
"""


@pytest.mark.parametrize(
    ("name", "type", "off"),
    [
        ("example.org", "MX", 3),  # the label mx, whose domain alone is compressed
        ("mx.example.org", "A", 0),
        ("mx.example.org", "AAAA", 0),
        ("_25._tcp.mx.example.org", "TLSA", 0),
        ("example.org", "TXT", 0),
        ("25.example.org", "PTR", 0),
    ],
)
@pytest.mark.row("D-06")
def test_answers(name: str, type: str, off: int) -> None:
    zone = parse_zone("example.org", ZONE)
    answer = Authority({"example.org": zone}).answer(name, type)
    texts = {
        "TXT": [f'"{250 * "a"}" "{250 * "b"}"'],
        "MX": ["10 mx.example.org."],
        "PTR": ["mail.example.net."],
    }.get(type, answer.data)
    message = dns.message.make_response(dns.message.make_query(f"{name}.", type))
    message.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", type, *texts))
    assert question_bytes(name) == len(dns.message.make_query(f"{name}.", type).to_wire())
    assert answer_bytes(name, type, answer) == len(message.to_wire()) - off


def test_aliases_and_refusals() -> None:
    server = Authority({"example.org": parse_zone("example.org", ZONE)})
    direct = answer_bytes("mx.example.org", "A", server.answer("mx.example.org", "A"))
    through = answer_bytes("www.example.org", "A", server.answer("www.example.org", "A"))
    assert through == direct + 1 + 12 + len("mx.example.org") + 2
    assert answer_bytes("a.b", "A", Answer("NXDOMAIN", (), 60)) == question_bytes("a.b")


def test_referrals_say_who_and_where() -> None:
    zone = parse_zone("org", "example NS ns.example\nns.example A 192.0.2.1\nns.example AAAA ::1\n")
    answer = Authority({"org": zone}).answer("example.org", "A")
    size = answer_bytes("example.org", "A", answer)
    assert size == question_bytes("example.org") + 12 + len("ns.example.org") + 2 + 16 + 28
