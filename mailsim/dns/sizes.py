"""How large questions and answers are on the wire: RFC 1035 section 4.1.

Names that a message has said already are written as two octets (section 4.1.4); so the owner of
a record, and the domain that a target of an MX or NS usually lies in.  OPT records and the SOA of
a negative answer are not counted.
"""

from __future__ import annotations

from typing import Any

from mailsim.dns.answer import REFERRAL, Answer

__all__ = ["answer_bytes", "question_bytes"]

_QUESTION = 18
"""A question besides its name: header 12, length and root 2, type and class 4."""
_RECORD = 12
"""A record besides its data: compressed name 2, type, class, TTL and length 10."""
_FIXED = {"A": 4, "AAAA": 16, "MX": 4, "NS": 2, "SOA": 42}


def question_bytes(name: str) -> int:
    """Return the octets of a question."""
    return _QUESTION + len(name)


def answer_bytes(name: str, type: str, answer: Answer) -> int:
    """Return the octets of an answer, which repeats the question.

    Parameters
    ----------
    name, type : str
        The question.
    answer : Answer
    """
    size = question_bytes(name) + sum(_record("CNAME", alias.data) for alias in answer.aliases)
    if answer.status == REFERRAL:
        ((_, servers),) = answer.data
        for server, addresses in servers:
            size += _record("PTR", server)
            size += sum(_record("AAAA" if ":" in one else "A", one) for one in addresses)
        return size
    return size + sum(_record(type, data) for data in answer.data)


def _record(type: str, data: Any) -> int:
    if type in _FIXED:
        return _RECORD + _FIXED[type]
    if type == "TLSA":  # usage, selector and type, and two digits for each octet
        return _RECORD + 3 + len(data.split()[-1]) // 2
    if type == "TXT":  # strings of at most 255 octets, each with its length
        n = len(data.encode())
        return _RECORD + n + -(-n // 255)
    return _RECORD + len(data) + 2  # a name, or text about as long
