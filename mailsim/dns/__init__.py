"""The domain name system as mail uses it: records, zones, answers, caches, MX order."""

from mailsim.dns.answer import NODATA, NOERROR, NXDOMAIN, SERVFAIL, Answer, Cache
from mailsim.dns.authority import Authority
from mailsim.dns.loops import alias_loops, delegation_loops
from mailsim.dns.mx import order_mx, without_own
from mailsim.dns.records import Record, zone_of

__all__ = [
    "NODATA",
    "NOERROR",
    "NXDOMAIN",
    "SERVFAIL",
    "Answer",
    "Authority",
    "Cache",
    "Record",
    "alias_loops",
    "delegation_loops",
    "order_mx",
    "without_own",
    "zone_of",
]
