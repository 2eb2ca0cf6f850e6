"""Mailbox addresses, as RFC 5321 section 4.1.2 writes them.

::

    Mailbox        = Local-part "@" ( Domain / address-literal )
    Local-part     = Dot-string / Quoted-string
    Domain         = sub-domain *("." sub-domain)
    sub-domain     = Let-dig [Ldh-str]
"""

from __future__ import annotations

import re

__all__ = ["domain_of", "is_address", "is_domain", "local_part_of"]

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LOCAL = rf'(?:{_ATEXT}+(?:\.{_ATEXT}+)*|"(?:[ !#-\[\]-~]|\\[ -~])*")'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[[!-Z^-~]+\]"

_is_domain = re.compile(_DOMAIN).fullmatch
_is_domain_or_literal = re.compile(rf"(?:{_DOMAIN}|{_LITERAL})").fullmatch
_is_mailbox = re.compile(rf"{_LOCAL}@(?:{_DOMAIN}|{_LITERAL})").fullmatch


def is_domain(text: str) -> bool:
    """Tell whether ``text`` is a domain name or an address literal such as ``[192.0.2.1]``."""
    return _is_domain_or_literal(text) is not None


def is_address(text: str) -> bool:
    """Tell whether ``text`` is a mailbox address, without angle brackets."""
    return _is_mailbox(text) is not None


def domain_of(address: str) -> str:
    """Return the domain of a mailbox address in lower case; empty if it has none.

    Domains are compared without regard to case, local parts are not (RFC 5321 section 2.4).
    """
    return address.rpartition("@")[2].lower() if "@" in address else ""


def local_part_of(address: str) -> str:
    """Return what stands before the last ``@``: the local part, its case preserved."""
    local, at, _ = address.rpartition("@")
    return local if at else address
