"""Mailbox addresses, as RFC 5321 section 4.1.2 writes them.

::

    Mailbox         = Local-part "@" ( Domain / address-literal )
    Local-part      = Dot-string / Quoted-string
    Domain          = sub-domain *("." sub-domain)
    sub-domain      = Let-dig [Ldh-str]                     ; at most 63 octets
    address-literal = "[" ( IPv4 / "IPv6:" IPv6 / tag ":" 1*dcontent ) "]"

RFC 6531 section 3.3 adds every character above U+007F to atoms, quoted strings and labels.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

__all__ = ["domain_of", "is_address", "is_domain", "is_literal", "is_route", "local_part_of"]

# The classes name the ASCII characters that may *not* stand there: a class with ranges up to
# U+10FFFF takes the compiler of "re" milliseconds.  Surrogates are no characters.
_ATEXT: Final = r'[^\x00- "(),.:;<>@\[\\\]\x7f\ud800-\udfff]'
_QTEXT: Final = r'[^\x00-\x1f"\\\x7f\ud800-\udfff]'
_LET_DIG: Final = r"[^\x00-/:-@\[-`{-\x7f\ud800-\udfff]"
_LDH: Final = r"[^\x00-,./:-@\[-`{-\x7f\ud800-\udfff]"
_LOCAL: Final = rf'(?:{_ATEXT}+(?:\.{_ATEXT}+)*|"(?:{_QTEXT}|\\[ -~])*")'
_LABEL: Final = rf"{_LET_DIG}(?:{_LDH}{{0,61}}{_LET_DIG})?"
_DOMAIN: Final = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL: Final = r"\[[!-Z^-~]+\]"

_is_domain: Final = re.compile(_DOMAIN).fullmatch
_is_mailbox: Final = re.compile(rf"{_LOCAL}@(?:{_DOMAIN}|({_LITERAL}))").fullmatch
_route: Final = re.compile(rf"@{_DOMAIN}(?:,@{_DOMAIN})*").fullmatch
_is_general: Final = re.compile(r"[A-Za-z0-9-]*[A-Za-z0-9]:[!-Z^-~]+").fullmatch


def is_literal(text: str) -> bool:
    """Tell whether ``text`` is an address literal: ``[192.0.2.1]``, ``[IPv6:2001:db8::1]``.

    A literal of another kind (``[tag:content]``, section 4.1.3) is one by its form alone.
    """
    if not (text.startswith("[") and text.endswith("]")):
        return False
    inner = text[1:-1]
    tag, colon, rest = inner.partition(":")
    if colon and tag.lower() != "ipv6":
        return _is_general(inner) is not None
    try:
        if colon:
            ipaddress.IPv6Address(rest)
        else:
            ipaddress.IPv4Address(inner)
    except ValueError:
        return False
    return True


def is_domain(text: str) -> bool:
    """Tell whether ``text`` is a domain name or an address literal."""
    return _is_domain(text) is not None or is_literal(text)


def is_address(text: str) -> bool:
    """Tell whether ``text`` is a mailbox address, without angle brackets."""
    match = _is_mailbox(text)
    return match is not None and (match[1] is None or is_literal(match[1]))


def is_route(text: str) -> bool:
    """Tell whether ``text`` is the source route of a path, without its colon: ``@a,@b``."""
    return _route(text) is not None


def domain_of(address: str) -> str:
    """Return the domain of a mailbox address in lower case; empty if it has none.

    Domains are compared without regard to case, local parts are not (RFC 5321 section 2.4).
    """
    return address.rpartition("@")[2].lower() if "@" in address else ""


def local_part_of(address: str) -> str:
    """Return what stands before the last ``@``: the local part, its case preserved."""
    local, at, _ = address.rpartition("@")
    return local if at else address
