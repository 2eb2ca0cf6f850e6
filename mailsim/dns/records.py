"""Resource records, as the simulated name servers and resolvers hand them about.

RFC 1034 section 3.6.  Names are in small letters and without their final dot, so that two
names are equal when their texts are (RFC 4343).
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Record"]


class Record(NamedTuple):
    """One resource record.

    Attributes
    ----------
    name : str
        Owner, in small letters, without the final dot.
    type : str
        ``"MX"``, ``"A"``, ``"TXT"``, ``"SOA"``, ...
    ttl_s : int
        Seconds that a cache may keep it.
    data : str or int or tuple of int and str
        Address of an A, text of a TXT; preference and target of an MX (an empty target is
        the null MX of RFC 7505); of an SOA the minimum alone, which bounds the seconds that a
        negative answer is kept (RFC 2308 section 5); of anything else its text.
    """

    name: str
    type: str
    ttl_s: int
    data: Any
