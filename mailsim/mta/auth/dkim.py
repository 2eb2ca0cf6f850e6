"""DKIM as far as outcomes go: who has signed, what breaks a signature, what a check asks for.

A signature of a simulated message is a header line of the form and size of a real one (RFC 6376
section 3.5; rsa-sha256, 2048 bits, RFC 8301).  Its ``bh`` and ``b`` are digests of what it covers,
without a secret, so that signing costs microseconds and not 6 milliseconds.  So a signature breaks
when, and only when, what it covers is not as it was: From, To, Subject, Date, Message-ID, or
the body.  What a relay adds on top (Received) is not covered.  Nobody forges signatures: a key
that does not fit is not modelled; one that is missing or revoked is.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Generator
from hashlib import sha256
from typing import NamedTuple

from mailsim.dns import SERVFAIL, Answer
from mailsim.message import Content, Filler, Head

__all__ = ["DkimOutcome", "Signature", "author_domain", "sign", "signatures_of", "verify"]

Question = tuple[str, str]
_FROM = re.compile(rb"^from:.*?([^\s<>@,;\"()]+)@([A-Za-z0-9.-]+)", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(
    r"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=([^;\s]+);\r\n"
    r"\ts=([^;\s]+); h=from:to:subject:date:message-id;\r\n\tbh=([^;\s]+);\r\n\tb=(\S+)\r\n"
)


class Signature(NamedTuple):
    """A signature that a message bears.

    Attributes
    ----------
    domain, selector : str
        ``d`` and ``s``: the key is at ``s._domainkey.d``.
    body_hash, digest : str
        ``bh`` and ``b``.
    """

    domain: str
    selector: str
    body_hash: str
    digest: str


class DkimOutcome(NamedTuple):
    """What came of checking one signature.

    Attributes
    ----------
    result : str
        ``pass``, ``fail``, ``permerror`` (no key) or ``temperror`` (RFC 8601 section 2.7.1).
    domain, selector : str
    why : str
        Empty if it passed.
    """

    result: str
    domain: str
    selector: str
    why: str


def sign(content: Content, domain: str, selector: str) -> Content:
    """Return a message with one more signature; one that is only octets as it is.

    Parameters
    ----------
    content : Content
    domain, selector : str
    """
    head = content.head
    if not isinstance(head, Head):
        return content
    body_hash = _body_hash(content)
    digest = _digest(head, body_hash, domain, selector)
    line = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};\r\n"
        f"\ts={selector}; h=from:to:subject:date:message-id;\r\n"
        f"\tbh={body_hash};\r\n\tb={digest}\r\n"
    )
    return content._replace(
        size=content.size + len(line), head=head._replace(extra=line + head.extra)
    )


def signatures_of(content: Content) -> list[Signature]:
    """Return the signatures of a message, newest first; of one that is only octets, none."""
    head = content.head
    if not isinstance(head, Head):
        return []
    return [Signature(*found) for found in _LINE.findall(head.extra)]


def author_domain(content: Content) -> str:
    """Return the domain of the From header in small letters; empty if there is none."""
    head = content.head
    if isinstance(head, Head):
        return head.sender.rpartition("@")[2].lower()
    found = _FROM.search(head.partition(b"\r\n\r\n")[0])
    return found[2].decode().lower() if found else ""


def verify(signature: Signature, content: Content) -> Generator[Question, Answer, DkimOutcome]:
    """Check a signature (RFC 6376 section 6.1).

    Yields
    ------
    (str, str)
        Name and type of the key's record; the :class:`~mailsim.dns.Answer` is to be sent in.
    """
    domain, selector = signature.domain, signature.selector
    answer = yield f"{selector}._domainkey.{domain}".lower(), "TXT"
    result, why = "pass", ""
    if answer.status == SERVFAIL:
        result, why = "temperror", "no answer about the key"
    elif lack := _lack(answer):
        result, why = "permerror", lack
    else:
        head = content.head
        assert isinstance(head, Head)
        body_hash = _body_hash(content)
        if signature.body_hash != body_hash:
            result, why = "fail", "body hash did not verify"
        elif signature.digest != _digest(head, body_hash, domain, selector):
            result, why = "fail", "signature did not verify"
    return DkimOutcome(result, domain, selector, why)


def _lack(answer: Answer) -> str:
    """Say what is wrong with a key (section 3.6.1); empty if it can be used."""
    if not answer.data:
        return "no key for signature"
    tags: dict[str, str] = {}
    for part in answer.data[0].split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags.setdefault(name.strip(), "".join(value.split()))
    if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        return "key syntax error"
    if tags.get("k", "rsa") != "rsa" or "sha256" not in tags.get("h", "sha256").split(":"):
        return "inappropriate key algorithm"
    return "" if tags["p"] else "key revoked"


def _body_hash(content: Content) -> str:
    body = content.body
    data = f"filler {body.size}".encode() if isinstance(body, Filler) else body
    return b64encode(sha256(data).digest()).decode()


def _digest(head: Head, body_hash: str, domain: str, selector: str) -> str:
    """Return 256 octets in base64, as a key of 2048 bits makes them."""
    covered = (*head[:6], body_hash, domain, selector)
    return b64encode(sha256(repr(covered).encode()).digest() * 8).decode()
