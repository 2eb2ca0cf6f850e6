"""Resource records, as the simulated name servers and resolvers hand them about.

RFC 1034 section 3.6.  Names are in small letters and without their final dot, so that two
names are equal when their texts are (RFC 4343); the root is the empty text.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any, NamedTuple

__all__ = ["Record", "is_name", "zone_of"]


class Record(NamedTuple):
    """One resource record.

    Attributes
    ----------
    name : str
        Owner, in small letters, without the final dot.
    type : str
        ``"MX"``, ``"A"``, ``"AAAA"``, ``"TXT"``, ``"PTR"``, ``"TLSA"``, ``"CNAME"``, ``"NS"``,
        ``"SOA"``, ...
    ttl_s : int
        Seconds that a cache may keep it.
    data : str or int or tuple of int and str
        Address of an A or AAAA, text of a TXT, name that a PTR, CNAME or NS tells; preference
        and target of an MX (an empty target is the null MX of RFC 7505); of an SOA the minimum
        alone, which bounds the seconds that a negative answer is kept (RFC 2308 section 5); of
        anything else, such as TLSA, its text in a zone file.
    """

    name: str
    type: str
    ttl_s: int
    data: Any


def zone_of(name: str, origins: Container[str]) -> str | None:
    """Return the longest origin that ``name`` lies in, or None."""
    while name:  # label by label: a world may have thousands of origins
        if name in origins:
            return name
        name = name.partition(".")[2]
    return "" if "" in origins else None


def is_name(name: str) -> bool:
    """Tell whether a text, without a final dot, may be a name: RFC 1035 section 2.3.4.

    Any letters may be in it (RFC 2181 section 11), but no blanks, which nobody means.
    """
    labels = [label.encode("utf-8", "surrogateescape") for label in name.split(".")]
    if name and not all(1 <= len(label) <= 63 for label in labels):
        return False
    return sum(map(len, labels)) + len(labels) <= 254 and not any(map(str.isspace, name))
