"""The domain name system as mail uses it: records, zones, answers, caches, MX order."""

from mailsim.dns.answer import NODATA, NOERROR, NXDOMAIN, SERVFAIL, Answer, Cache
from mailsim.dns.authority import Authority, zone_of
from mailsim.dns.mx import order_mx, without_own
from mailsim.dns.records import Record

__all__ = [
    "NODATA",
    "NOERROR",
    "NXDOMAIN",
    "SERVFAIL",
    "Answer",
    "Authority",
    "Cache",
    "Record",
    "order_mx",
    "without_own",
    "zone_of",
]
