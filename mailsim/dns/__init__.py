"""The domain name system as mail uses it: records, zones, answers, caches, MX order."""

from mailsim.dns.answer import (
    ALIAS,
    NODATA,
    NOERROR,
    NXDOMAIN,
    REFERRAL,
    REFUSED,
    SERVFAIL,
    TRUNCATED,
    Answer,
    Cache,
    Delegation,
)
from mailsim.dns.authority import MOST_ALIASES, Authority
from mailsim.dns.loops import alias_loops, delegation_loops
from mailsim.dns.mx import interleave, order_mx, without_own
from mailsim.dns.records import Record, is_name, zone_of
from mailsim.dns.settings import ResolverSettings
from mailsim.dns.sizes import answer_bytes, question_bytes

__all__ = [
    "ALIAS",
    "MOST_ALIASES",
    "NODATA",
    "NOERROR",
    "NXDOMAIN",
    "REFERRAL",
    "REFUSED",
    "SERVFAIL",
    "TRUNCATED",
    "Answer",
    "Authority",
    "Cache",
    "Delegation",
    "Record",
    "ResolverSettings",
    "alias_loops",
    "answer_bytes",
    "delegation_loops",
    "interleave",
    "is_name",
    "order_mx",
    "question_bytes",
    "without_own",
    "zone_of",
]
