"""SPF records as they are written: RFC 7208 sections 4.6.1, 5, 6, 7.1 and 12.

A record with an error anywhere is of no use at all (section 4.6), so it is read as a whole before
any of it is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

__all__ = [
    "ASKING",
    "Mechanism",
    "SpfError",
    "SpfRecord",
    "is_explanation",
    "is_spf",
    "only_spf",
    "parse_spf",
]

_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})
"""Mechanisms that cost questions."""


class SpfError(Exception):
    """Ends an evaluation.

    Parameters
    ----------
    result : str
        ``permerror``, ``temperror`` or ``none``.
    message : str
    """

    def __init__(self, result: str, message: str) -> None:
        super().__init__(message)
        self.result = result


class Mechanism(NamedTuple):
    """One mechanism of a record (section 5).

    Attributes
    ----------
    text : str
        As it is written.
    result : str
        What a match means: ``pass``, ``fail``, ``softfail`` or ``neutral``.
    name : str
        ``all``, ``include``, ``a``, ``mx``, ``ptr``, ``ip4``, ``ip6`` or ``exists``.
    target : str
        Its domain-spec, with macros; or the network of ip4 and ip6; may be empty.
    prefix4, prefix6 : int
        Bits that count of an IPv4 and of an IPv6 address.
    """

    text: str
    result: str
    name: str
    target: str
    prefix4: int
    prefix6: int


class SpfRecord(NamedTuple):
    """A whole record.

    Attributes
    ----------
    mechanisms : tuple of Mechanism
    redirect, exp : str
        Domain-specs of these modifiers (section 6), or empty.
    """

    mechanisms: tuple[Mechanism, ...]
    redirect: str
    exp: str


_TRANSFORM = r"(?:0*[1-9][0-9]*)?r?[-.+,/_=]*"
_EXPAND = rf"%(?:[%_-]|\{{[slodiphv]{_TRANSFORM}\}})"
_STRING = rf"(?:{_EXPAND}|[!-$&-~])*"
_TOP = r"(?:[0-9a-z]*[a-z][0-9a-z]*|[0-9a-z]+-[0-9a-z-]*[0-9a-z])"
_DOMAIN_SPEC = re.compile(rf"{_STRING}(?:\.{_TOP}\.?|{_EXPAND})", re.IGNORECASE)
_MACRO_STRING = re.compile(_STRING, re.IGNORECASE)
_EXPLANATION = re.compile(
    rf"(?:%(?:[%_-]|\{{[slodiphvcrt]{_TRANSFORM}\}})|[ -$&-~])*", re.IGNORECASE
)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
_DIRECTIVE = re.compile(r"([-+?~]?)([a-z][a-z0-9]*)(.*)", re.IGNORECASE | re.DOTALL)
_DUAL = re.compile(r"(.*?)(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?", re.DOTALL)
_NETWORK = re.compile(r":([0-9a-f.:]+)(?:/(0|[1-9][0-9]{0,2}))?", re.IGNORECASE)


def is_spf(text: str) -> bool:
    """Tell whether a TXT record is one of SPF version 1 (section 4.5)."""
    return text[:6].lower() == "v=spf1" and text[6:7] in ("", " ")


def parse_spf(text: str) -> SpfRecord:
    """Return a record.

    Parameters
    ----------
    text : str
        A TXT record that :func:`is_spf`.

    Raises
    ------
    SpfError
        ``permerror``, if any term is written wrongly.
    """
    mechanisms, modifiers = [], {"redirect": "", "exp": ""}
    for term in filter(None, text[6:].split(" ")):
        modifier = _MODIFIER.fullmatch(term)
        if modifier is None:
            mechanisms.append(_mechanism(term))
            continue
        name, value = modifier[1].lower(), modifier[2]
        if name not in modifiers:
            _need(_MACRO_STRING.fullmatch(value), term)
            continue
        _need(not modifiers[name] and _DOMAIN_SPEC.fullmatch(value), term)
        modifiers[name] = value
    return SpfRecord(tuple(mechanisms), modifiers["redirect"], modifiers["exp"])


def _mechanism(term: str) -> Mechanism:
    directive = _DIRECTIVE.fullmatch(term)
    if directive is None:
        raise _error(term)
    name, rest = directive[2].lower(), directive[3]
    prefix4, prefix6 = 32, 128
    if name in ("ip4", "ip6"):
        network = _NETWORK.fullmatch(rest)
        _need(network is not None and _is_address(network[1], name), term)
        assert network is not None
        target = network[1]
        if network[2] is not None:
            prefix4 = prefix6 = int(network[2])
            _need(prefix4 <= (32 if name == "ip4" else 128), term)
    else:
        _need(name == "all" or name in ASKING, term)
        if name in ("a", "mx"):
            dual = _DUAL.fullmatch(rest)
            assert dual is not None  # anything is
            rest, prefix4, prefix6 = dual[1], int(dual[2] or 32), int(dual[3] or 128)
            _need(prefix4 <= 32 and prefix6 <= 128, term)
        target = rest[1:]
        if rest:
            _need(name != "all" and rest[0] == ":" and _DOMAIN_SPEC.fullmatch(target), term)
        else:
            _need(name not in ("include", "exists"), term)
    return Mechanism(term, _RESULTS[directive[1] or "+"], name, target, prefix4, prefix6)


def _is_address(text: str, name: str) -> bool:
    try:
        IPv4Address(text) if name == "ip4" else IPv6Address(text)
    except ValueError:
        return False
    return True


def _need(is_right: object, term: str) -> None:
    if not is_right:
        raise _error(term)


def _error(term: str) -> SpfError:
    return SpfError("permerror", f"cannot read {term!r}")


def is_explanation(text: str) -> bool:
    """Tell whether a TXT record can be an explanation (section 6.2)."""
    return _EXPLANATION.fullmatch(text) is not None


def only_spf(texts: Sequence[str]) -> str | None:
    """Return the one SPF record among TXT records, or None; two are an error (section 4.5)."""
    found = [text for text in texts if is_spf(text)]
    if len(found) > 1:
        raise SpfError("permerror", "two SPF records")
    return found[0] if found else None
