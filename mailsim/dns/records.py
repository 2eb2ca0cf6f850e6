"""Resource records as mail needs them."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Record"]


class Record(NamedTuple):
    """One resource record.

    Attributes
    ----------
    name : str
        Owner, in lower case, without the final dot.
    type : str
        ``MX``, ``A``, ``TXT``, ``SOA``, ...
    ttl_s : int
    data : object
        MX: (preference, target); SOA: the negative TTL in seconds; all others: text.
    """

    name: str
    type: str
    ttl_s: int
    data: Any
