"""What a name server answers, and what a host remembers of it."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["NODATA", "NOERROR", "NXDOMAIN", "SERVFAIL", "Answer", "Cache"]

NOERROR = "NOERROR"
NODATA = "NODATA"
NXDOMAIN = "NXDOMAIN"
SERVFAIL = "SERVFAIL"


class Answer(NamedTuple):
    """The answer to one question.

    Attributes
    ----------
    status : str
        ``NOERROR``, ``NODATA`` (the name exists, without such records), ``NXDOMAIN`` or
        ``SERVFAIL``.
    data : tuple
        Of the records: addresses for A, pairs of preference and target for MX.
    ttl_s : int
        How long it may be kept; for a negative answer the zone's (RFC 2308 section 5).
    """

    status: str
    data: tuple[Any, ...]
    ttl_s: int


class Cache:
    """Answers a resolver still may use, positive and negative.

    Time is an argument: nanoseconds since the start of the run.
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
        self._kept[name, type] = (expires, answer)
        return expires

    def __len__(self) -> int:
        """Return the number of answers kept, expired ones included."""
        return len(self._kept)
