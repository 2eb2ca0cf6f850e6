"""Certificates, and what a client that looks at one finds: by name and issuer, or by TLSA.

RFC 6125 for names, RFC 7672 for DANE.  A certificate here is what counts of it; nothing is signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Certificate", "problem_by_dane", "problem_by_name", "tlsa_text", "usable_tlsa"]

NOT_TRUSTED = "Server certificate not trusted"
NOT_VERIFIED = "Server certificate not verified"
EXPIRED = "Server certificate has expired"


class Certificate(NamedTuple):
    """What a server shows.

    Attributes
    ----------
    names : tuple of str
        In small letters; ``*.`` stands for one label.
    is_trusted : bool
        Whether its issuer is one that clients trust.
    tlsa : tuple of str
        The TLSA records that it fits, as in a zone file: ``3 1 1 ...``, in small letters.
    """

    names: tuple[str, ...]
    is_trusted: bool = True
    tlsa: tuple[str, ...] = ()

    def is_of(self, name: str) -> bool:
        """Tell whether it is for a host of that name (RFC 6125 section 6.4)."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names


def tlsa_text(written: str) -> str:
    """Return a TLSA record as the rest compares it: single spaces, the digits in one."""
    usage, selector, matching, *digits = written.lower().split()
    return f"{usage} {selector} {matching} {''.join(digits)}"


def usable_tlsa(records: Sequence[str]) -> list[str]:
    """Return the records that SMTP can use (RFC 7672 section 3.1): usages 2 and 3."""
    texts = map(tlsa_text, records)
    return [
        text
        for text in texts
        if text[0] in "23" and text.split()[1] in ("0", "1") and text.split()[2] in ("0", "1", "2")
    ]


def problem_by_name(certificate: Certificate, host: str, *, has_expired: bool) -> str:
    """Say what keeps a certificate from being that of a host; empty if nothing does."""
    if not certificate.is_trusted:
        return NOT_TRUSTED
    if has_expired:
        return EXPIRED
    return "" if certificate.is_of(host) else NOT_VERIFIED


def problem_by_dane(
    certificate: Certificate, host: str, records: Sequence[str], *, has_expired: bool
) -> str:
    """Say what keeps a certificate from fitting TLSA records; empty if nothing does.

    Under usage 3 neither names nor dates count (RFC 7672 section 3.1.1), under 2 both do.

    Parameters
    ----------
    certificate : Certificate
    host : str
        The exchanger.
    records : sequence of str
        Those that are usable.
    has_expired : bool
    """
    fitting = [text for text in records if text in certificate.tlsa]
    if any(text[0] == "3" for text in fitting):
        return ""
    if not fitting:
        return NOT_VERIFIED
    if has_expired:
        return EXPIRED
    return "" if certificate.is_of(host) else NOT_VERIFIED
