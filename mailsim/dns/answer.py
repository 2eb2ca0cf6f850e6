"""What a name server answers, and what a host remembers of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from mailsim.dns.records import Record

__all__ = [
    "ALIAS",
    "NODATA",
    "NOERROR",
    "NXDOMAIN",
    "REFERRAL",
    "REFUSED",
    "SERVFAIL",
    "TRUNCATED",
    "Answer",
    "Cache",
    "Delegation",
]

NOERROR = "NOERROR"
NODATA = "NODATA"
NXDOMAIN = "NXDOMAIN"
SERVFAIL = "SERVFAIL"
REFUSED = "REFUSED"
REFERRAL = "REFERRAL"
ALIAS = "ALIAS"
TRUNCATED = "TRUNCATED"


class Delegation(NamedTuple):
    """What a zone knows of one below it.

    Attributes
    ----------
    zone : str
        Its name.
    servers : tuple of (str, tuple of str)
        Its name servers, each with the addresses that the zone above has of it (glue).
    """

    zone: str
    servers: tuple[tuple[str, tuple[str, ...]], ...]


class Answer(NamedTuple):
    """The answer to one question.

    Attributes
    ----------
    status : str
        What a resolver may answer: ``NOERROR``, ``NODATA`` (the name exists, without such
        records), ``NXDOMAIN`` or ``SERVFAIL``.  What only a name server says to a resolver:
        ``REFERRAL`` (ask those below), ``ALIAS`` (the name is an alias for one that it does not
        know), ``REFUSED`` (it does not know the name at all), ``TRUNCATED`` (too large for UDP).
    data : tuple
        Of the records: addresses for A, pairs of preference and target for MX; of a referral
        one :class:`Delegation`.
    ttl_s : int
        How long it may be kept; for a negative answer the zone's (RFC 2308 section 5).
    aliases : tuple of Record
        The CNAME records that lead from the name in question to the one that the data is of.
    """

    status: str
    data: tuple[Any, ...]
    ttl_s: int
    aliases: tuple[Record, ...] = ()


class Cache:
    """Answers a resolver still may use, positive and negative.

    That a name does not exist holds for all types, that it has no such records for one (RFC
    2308 section 5).  Time is an argument: nanoseconds since the start of the run.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[int, Answer]] = {}

    def get(self, name: str, type: str, now_ns: int) -> tuple[int, Answer] | None:
        """Return what is kept and still fresh.

        Parameters
        ----------
        name, type : str
            The question.
        now_ns : int

        Returns
        -------
        (int, Answer) or None
            When the answer expires (ns), and the answer.
        """
        kept = self._kept.get((name, type))
        if kept is not None and kept[0] > now_ns:
            return kept
        kept = self._kept.get((name, ""))
        return kept if kept is not None and kept[0] > now_ns else None

    def put(self, name: str, type: str, answer: Answer, now_ns: int) -> int:
        """Keep an answer that came at ``now_ns``.

        Parameters
        ----------
        name, type : str
            The question.
        answer : Answer
        now_ns : int

        Returns
        -------
        int
            When it expires (ns).
        """
        expires = now_ns + answer.ttl_s * 1_000_000_000
        if answer.status == NXDOMAIN and not answer.aliases:
            type = ""
        self._kept[name, type] = (expires, answer)
        return expires

    def __len__(self) -> int:
        """Return the number of answers kept, expired ones included."""
        return len(self._kept)
