"""What a server offers in its EHLO reply, and how much it takes in one session.

Source: RFC 5321 section 4.1.1.1; RFC 9422 for LIMITS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from mailsim.message import Envelope, domain_of
from mailsim.smtp.values import Reply

__all__ = ["Allowance", "offers_of"]

_LIMIT: Final = re.compile(
    r"(?:^|(?<=\s))(MAILMAX|RCPTMAX|RCPTDOMAINMAX)=([1-9][0-9]{0,5})(?=\s|$)"
)
"""RFC 9422 section 4: one to six digits, the first not 0.  Other limits are not for us."""


@lru_cache(maxsize=1024)
def offers_of(reply: Reply) -> dict[str, str]:
    """Return the extensions of an EHLO reply: keyword in capitals, and its parameters."""
    offers: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, params = line.partition(" ")
        offers[keyword.upper()] = params
    return offers


@lru_cache(maxsize=1024)
def _limits(params: str) -> dict[str, int]:
    return {name: int(value) for name, value in _LIMIT.findall(params.upper())}


class Allowance:
    """What is left in one session of the LIMITS of its server (RFC 9422).

    Parameters
    ----------
    params : str
        What the EHLO reply says behind LIMITS.
    """

    __slots__ = ("_domains", "_n_mails", "_rcpt_domain_max", "_rcpt_max")

    def __init__(self, params: str) -> None:
        limits = _limits(params)
        self._n_mails = limits.get("MAILMAX", -1)
        self._rcpt_max = limits.get("RCPTMAX", 0)
        self._rcpt_domain_max = limits.get("RCPTDOMAINMAX", 0)
        self._domains: set[str] = set()

    def has_room_for(self, envelope: Envelope) -> bool:
        """Tell whether one more transaction, with some of these recipients, is allowed."""
        if self._n_mails == 0:
            return False
        if not self._rcpt_domain_max or len(self._domains) < self._rcpt_domain_max:
            return True
        return any(domain_of(to) in self._domains for to in envelope.recipients)

    def spend(self, recipients: Iterable[str]) -> list[int]:
        """Count a transaction; return the places of the recipients that may be asked for in it."""
        self._n_mails -= 1
        chosen: list[int] = []
        domains, most = self._domains, self._rcpt_domain_max
        for place, recipient in enumerate(recipients):
            if self._rcpt_max and len(chosen) == self._rcpt_max:
                break
            if most:
                domain = domain_of(recipient)
                if domain not in domains and len(domains) >= most:
                    continue
                domains.add(domain)
            chosen.append(place)
        return chosen
