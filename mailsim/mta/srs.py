"""Sender rewriting: a forwarder puts its own domain into the sender, and takes bounces back.

::

    alice@example.org            -> SRS0=HHH=TT=example.org=alice@forwarder.example
    SRS0=...@forwarder.example   -> SRS1=HHH=forwarder.example==...@second.example

``HHH`` is the start of a keyed hash of what follows, so that nobody else can make such an address
and have mail relayed; ``TT`` is the day, so that it cannot be used for ever.  Of a further
forwarder the address does not grow: it keeps only where the first one was.

Source: M. S. Wong and Shevek, "The Sender Rewriting Scheme" (2003), and its library (HMAC-SHA1,
base 64, four characters; days modulo 1024 in base 32), as PostSRSd uses it.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode

from mailsim.message import domain_of, local_part_of

__all__ = ["Srs"]

_DAYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CYCLE = 1024
_is_srs = re.compile(r"SRS[01][=+-]", re.IGNORECASE).match
_first = re.compile(r"SRS0[=+-]([^=]+)=([A-Z2-7]{2})=([^=]+)=(.+)", re.IGNORECASE).fullmatch
_second = re.compile(r"SRS1[=+-]([^=]+)=([^=]+)=([=+-].+)", re.IGNORECASE).fullmatch


class Srs:
    """Rewrites senders for one host.

    Parameters
    ----------
    domain : str
        Right side of the new senders: a domain whose mail comes to this host.
    secret : str
        Key of the hash.
    hash_length : int
        Characters of the hash.
    max_age_days : int
        After which a sender is not rewritten back.
    """

    def __init__(
        self, domain: str, secret: str, hash_length: int = 4, max_age_days: int = 21
    ) -> None:
        self.domain = domain.lower()
        self._secret = secret.encode()
        self._hash_length = hash_length
        self._max_age_days = max_age_days

    def forward(self, sender: str, unix_s: int) -> str:
        """Return the sender that a forwarded message gets."""
        local, domain = local_part_of(sender), domain_of(sender)
        if first := _second(local):  # another forwarder of a forwarder: nothing to add
            host, rest = first[2], first[3]
            return f"SRS1={self._hash(host, rest)}={host}={rest}@{self.domain}"
        if _is_srs(local):
            rest = local[4:]
            return f"SRS1={self._hash(domain, rest)}={domain}={rest}@{self.domain}"
        day = unix_s // 86400 % _CYCLE
        stamp = _DAYS[day >> 5] + _DAYS[day & 31]
        return f"SRS0={self._hash(stamp, domain, local)}={stamp}={domain}={local}@{self.domain}"

    def is_srs(self, address: str) -> bool:
        """Tell whether an address is one that this host may have made, by its form."""
        return domain_of(address) == self.domain and _is_srs(address) is not None

    def reverse(self, address: str) -> str | None:
        """Return whom a rewritten sender stands for, or None if it is not of our making."""
        local = local_part_of(address)
        if second := _second(local):
            if not self._is_right(second[1], second[2], second[3]):
                return None
            return f"SRS0{second[3]}@{second[2]}"
        first = _first(local)
        if first is None or not self._is_right(first[1], first[2], first[3], first[4]):
            return None
        return f"{first[4]}@{first[3]}"

    def is_fresh(self, address: str, unix_s: int) -> bool:
        """Tell whether the day of a rewritten sender is not too long ago; SRS1 has none."""
        first = _first(local_part_of(address))
        if first is None:
            return True
        stamp = first[2].upper()
        day = (_DAYS.index(stamp[0]) << 5) + _DAYS.index(stamp[1])
        return (unix_s // 86400 - day) % _CYCLE <= self._max_age_days

    def _is_right(self, given: str, *parts: str) -> bool:
        # Case may be lost on the way; so may the rest of a longer hash.
        return given.lower() == self._hash(*parts).lower()

    def _hash(self, *parts: str) -> str:
        digest = hmac.digest(self._secret, "".join(parts).lower().encode(), "sha1")
        return b64encode(digest).decode()[: self._hash_length]
