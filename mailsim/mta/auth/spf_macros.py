"""Macros of SPF records and explanations: RFC 7208 section 7."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

__all__ = ["address_of", "dotted", "expand", "expand_domain", "reverse_name", "uses"]

_MACRO = re.compile(r"%(?:([%_-])|\{([a-z])([0-9]*)(r?)([-.+,/_=]*)\})", re.IGNORECASE)
_PLAIN = {"%": "%", "_": " ", "-": "%20"}
_LONGEST = 253

Address = IPv4Address | IPv6Address


def address_of(text: str) -> Address:
    """Return an address; of an IPv4 address written as one of IPv6, the IPv4 address."""
    if ":" not in text:
        return IPv4Address(text)
    address = IPv6Address(text)
    return address.ipv4_mapped or address


def dotted(address: Address) -> str:
    """Return an address as the macro ``i`` has it: IPv6 as 32 digits between dots."""
    if address.version == 4:
        return str(address)
    return ".".join(address.exploded.replace(":", ""))


def reverse_name(address: Address) -> str:
    """Return the name whose PTR records tell the names of an address."""
    zone = "in-addr" if address.version == 4 else "ip6"
    return f"{'.'.join(reversed(dotted(address).split('.')))}.{zone}.arpa"


def uses(text: str, letter: str) -> bool:
    """Tell whether a macro of that letter is in a text."""
    return any((found[2] or "").lower() == letter for found in _MACRO.finditer(text))


def expand(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its macros replaced.

    Parameters
    ----------
    text : str
        Without errors of syntax.
    values : mapping of str to str
        What each letter stands for.
    """

    def value(found: re.Match[str]) -> str:
        plain, letter, digits, reverse, delimiters = found.groups()
        if plain:
            return _PLAIN[plain]
        parts = re.split(f"[{re.escape(delimiters or '.')}]", values[letter.lower()])
        if reverse:
            parts.reverse()
        whole = ".".join(parts[-int(digits) :] if digits else parts)
        return quote(whole, safe="") if letter.isupper() else whole

    return _MACRO.sub(value, text)


def expand_domain(text: str, values: Mapping[str, str]) -> str:
    """Return the name that a domain-spec stands for, in small letters and without a final dot.

    Labels on the left go until 253 characters are left (section 7.3).
    """
    name = expand(text, values).removesuffix(".").lower()
    while len(name) > _LONGEST and "." in name:
        name = name.partition(".")[2]
    return name
