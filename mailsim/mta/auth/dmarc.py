"""DMARC: what an author's domain wants done with mail that nobody answers for.  RFC 9989.

The domain that an organization is known by is found by walking up the DNS (section 4.10), not in
a list of public suffixes as under RFC 7489.  Pure: questions are yielded, answers sent in.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from typing import NamedTuple

from mailsim.dns import SERVFAIL, Answer

__all__ = ["DmarcOutcome", "DmarcRecord", "evaluate", "parse_dmarc"]

MOST_QUESTIONS = 8
"""Questions of one walk (section 4.10)."""

_POLICIES = ("none", "quarantine", "reject")
_URI = re.compile(r"\s*[a-z][a-z0-9+.-]*:[^\s,]+", re.IGNORECASE)
Question = tuple[str, str]


class DmarcRecord(NamedTuple):
    """A policy record (section 4.7).

    Attributes
    ----------
    p, sp, np : str
        What to do with mail of the domain, of domains below it, and of such that do not exist:
        ``none``, ``quarantine`` or ``reject``.
    is_spf_strict, is_dkim_strict : bool
        Whether only the very same domain is aligned.
    psd : str
        ``y``: a domain below which others register; ``n``: that of an organization; ``u``.
    is_test : bool
        Whether the next milder policy is asked for.
    """

    p: str
    sp: str
    np: str
    is_spf_strict: bool
    is_dkim_strict: bool
    psd: str
    is_test: bool


class DmarcOutcome(NamedTuple):
    """What came of an evaluation.

    Attributes
    ----------
    result : str
        ``pass``, ``fail``, ``none`` (no policy) or ``temperror``.
    disposition : str
        What the domain wants done: ``none``, ``quarantine`` or ``reject``; ``none`` unless it
        failed.
    domain : str
        Where the policy was found; may be empty.
    n_questions : int
        Questions asked.
    """

    result: str
    disposition: str
    domain: str
    n_questions: int


def parse_dmarc(text: str) -> DmarcRecord | None:
    """Return the policy record in a TXT record, or None if that is no use as one.

    What is wrong in the rest of the record counts as not said (section 4.7); without a policy
    it is a record only if somebody wants reports, and then asks for nothing (section 4.10.1).
    """
    tags: dict[str, str] = {}
    for i, part in enumerate(text.split(";")):
        name, equals, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if i == 0 and (name, value) != ("v", "DMARC1"):
            return None
        if equals:
            tags.setdefault(name, value)
    said = {name: tags[name].lower() for name in ("p", "sp", "np") if name in tags}
    if "p" not in said or any(value not in _POLICIES for value in said.values()):
        if not any(map(_URI.match, tags.get("rua", "").split(","))):
            return None
        said = {"p": "none"}
    p = said["p"]
    sp = said.get("sp", p)
    psd = tags.get("psd", "u")
    return DmarcRecord(
        p,
        sp,
        said.get("np", sp),
        tags.get("aspf") == "s",
        tags.get("adkim") == "s",
        psd if psd in ("y", "n") else "u",
        tags.get("t") == "y",
    )


def evaluate(
    author: str, spf: str, dkim: Iterable[str]
) -> Generator[Question, Answer, DmarcOutcome]:
    """Evaluate DMARC.

    Parameters
    ----------
    author : str
        Domain of the From header.
    spf : str
        Domain for which SPF passed, or empty.
    dkim : iterable of str
        Domains of the signatures that passed.

    Yields
    ------
    (str, str)
        Name and type of a question; the :class:`~mailsim.dns.Answer` is to be sent in.
    """
    return _Evaluation(author.lower()).run(spf.lower(), [domain.lower() for domain in dkim])


class _UnansweredError(Exception):
    """A question got no answer."""


class _Evaluation:
    """One evaluation, with the records it has seen."""

    def __init__(self, author: str) -> None:
        self.author = author
        self.n_questions = 0
        self.known: dict[str, DmarcRecord | None] = {}

    def run(self, spf: str, dkim: list[str]) -> Generator[Question, Answer, DmarcOutcome]:
        at = ""
        try:
            at, record = yield from self.policy()
            result, disposition = "none", "none"
            if record is not None:
                result = "pass"
                identifiers = [(spf, record.is_spf_strict)] if spf else []
                identifiers += [(domain, record.is_dkim_strict) for domain in dkim]
                if not (yield from self.any_aligned(identifiers)):
                    result = "fail"
                    disposition = yield from self.wanted(at, record)
        except _UnansweredError:
            result, disposition = "temperror", "none"
        return DmarcOutcome(result, disposition, at, self.n_questions)

    def policy(self) -> Generator[Question, Answer, tuple[str, DmarcRecord | None]]:
        """Return the record that counts for the author's domain, and where it is."""
        record = yield from self.record(self.author)
        if record is not None:
            return self.author, record
        found = yield from self.walk(self.author)
        organization = _organization(self.author, found)
        for name, record in found:
            if name == organization or record.psd == "y":
                return name, record
        return "", None

    def wanted(self, at: str, record: DmarcRecord) -> Generator[Question, Answer, str]:
        """Return what is to be done with a message that failed."""
        policy = record.p
        if at != self.author:
            policy = record.sp
            if record.np != policy and not (yield from self.exists()):
                policy = record.np
        if record.is_test:  # one level below
            policy = _POLICIES[max(_POLICIES.index(policy) - 1, 0)]
        return policy

    def exists(self) -> Generator[Question, Answer, bool]:
        """Tell whether the author's domain is there (section 3.2.13)."""
        for type in ("A", "AAAA", "MX"):
            if (yield from self.ask(self.author, type)).data:
                return True
        return False

    def any_aligned(self, identifiers: list[tuple[str, bool]]) -> Generator[Question, Answer, bool]:
        """Tell whether an identifier that was authenticated is the author's (section 4.4)."""
        if any(domain == self.author for domain, _ in identifiers):
            return True
        for domain, is_strict in identifiers:
            if not is_strict:
                mine = _organization(self.author, (yield from self.walk(self.author)))
                if mine == _organization(domain, (yield from self.walk(domain))):
                    return True
        return False

    def walk(self, start: str) -> Generator[Question, Answer, list[tuple[str, DmarcRecord]]]:
        """Return the records on the way up from a domain, with where they are."""
        found = []
        labels = start.split(".")
        while labels:
            name = ".".join(labels)
            record = yield from self.record(name)
            if record is not None:
                found.append((name, record))
                if record.psd != "u":
                    break
            labels = labels[1:] if len(labels) < MOST_QUESTIONS else labels[1 - MOST_QUESTIONS :]
        return found

    def record(self, domain: str) -> Generator[Question, Answer, DmarcRecord | None]:
        """Return the one record of a domain; several are none."""
        if domain not in self.known:
            answer = yield from self.ask(f"_dmarc.{domain}", "TXT")
            records = [record for text in answer.data if (record := parse_dmarc(text))]
            self.known[domain] = records[0] if len(records) == 1 else None
        return self.known[domain]

    def ask(self, name: str, type: str) -> Generator[Question, Answer, Answer]:
        self.n_questions += 1
        answer = yield name, type
        if answer.status == SERVFAIL:
            raise _UnansweredError
        return answer


def _organization(start: str, found: list[tuple[str, DmarcRecord]]) -> str:
    """Return the domain of the organization that a walk from ``start`` tells (section 4.10.2)."""
    for name, record in found:
        if record.psd == "n":
            return name
        if record.psd == "y" and name != start:
            n = name.count(".") + 2
            return ".".join(start.split(".")[-n:])
    return found[-1][0] if found else start
