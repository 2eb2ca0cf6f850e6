"""DNS block lists: what several lists say of a client's address, weighed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from mailsim.dns import Answer
from mailsim.mta.policies import Asking, Lookup, Policy, Seen, Verdict, policy
from mailsim.mta.policies._options import one_of
from mailsim.options import options_of
from mailsim.smtp import Reply

__all__ = ["Dnsbl", "Site"]

_SITE = re.compile(r"([a-z0-9._-]+)(?:=([0-9.;\[\]]+))?(?:\*(-?[0-9]+))?", re.IGNORECASE)
_EXAMPLE = "{sites: [bl.example.net*2], threshold: 2}"


class Site(NamedTuple):
    """One list.

    Attributes
    ----------
    domain : str
    filter : tuple of frozenset of int
        The octets of an answer that count, one set per octet; empty for all answers.
    weight : int
        Below 0 for a list of the good.
    """

    domain: str
    filter: tuple[frozenset[int], ...]
    weight: int

    def lists(self, answer: Answer) -> bool:
        """Tell whether an answer says that the address is listed.

        No answer says that it is not: RFC 5782 section 5.
        """
        return any(
            all(int(o) in s for o, s in zip(address.split("."), self.filter, strict=False))
            for address in answer.data
        )


@policy("dnsbl")
class Dnsbl(Policy):
    """Refuse clients whose address block lists have, weighed against a threshold.

    All lists are asked at once when a client connects; the slowest decides how long that takes.
    A list that does not answer, or not in time, counts as not listing.  With ``action: drop``
    the client is greeted with 521; else it may go on, and its recipients are refused with 550.

    Source: Postfix ``postscreen_dnsbl_sites`` (``domain=address_filter*weight``),
    ``postscreen_dnsbl_threshold`` 1, ``postscreen_dnsbl_action`` (postconf(5)); RFC 5782
    sections 2 and 5.  Postscreen's cache of clients that have passed is not modelled: the
    resolver's is.

    Example::

        dnsbl: {sites: ["bl.example.net*2", "wl.example.org=127.0.0.[2..4]*-1"], threshold: 2}

    Parameters
    ----------
    sites : sequence of Site
    threshold : int
        Sum of weights at which a client is refused, at least 1.
    action : str
        ``enforce`` or ``drop``.
    """

    is_shared = True

    def __init__(self, sites: Sequence[Site], threshold: int = 1, action: str = "enforce") -> None:
        self.sites = list(sites)
        self.threshold = threshold
        self.action = action
        self._blocked_by: dict[str, str] = {}

    @classmethod
    def from_options(cls, options: object) -> Dnsbl:
        """Return the policy for ``{sites: [...], threshold: ..., action: ...}``."""
        known = {"sites": _sites, "threshold": _threshold, "action": one_of("enforce", "drop")}
        given = options_of("dnsbl", options, known, _EXAMPLE)
        if "sites" not in given:
            raise ValueError(f"dnsbl: expected {_EXAMPLE}, got no sites")
        return cls(**given)

    def on_connect(self, seen: Seen, now_ns: int) -> Asking:
        """Ask all lists about the client's address."""
        name = reversed_name(seen.address)
        answers = yield tuple(Lookup(f"{name}.{site.domain}", "A") for site in self.sites)
        found = [
            site for site, answer in zip(self.sites, answers, strict=True) if site.lists(answer)
        ]
        self._blocked_by.pop(seen.address, None)
        if sum(site.weight for site in found) < self.threshold:
            return None
        worst = max(found, key=lambda site: site.weight).domain
        if self.action == "drop":
            return Reply(521, (_text(seen, worst),), "5.7.1")
        self._blocked_by[seen.address] = worst
        return None

    def on_rcpt(self, seen: Seen, now_ns: int) -> Verdict:
        """Refuse every recipient of a client that is listed."""
        worst = self._blocked_by.get(seen.address)
        return None if worst is None else Reply(550, (_text(seen, worst),), "5.7.1")


def reversed_name(address: str) -> str:
    """Return the labels of an address in reverse, as a list has them (RFC 5782 section 2)."""
    try:
        return ip_address(address).reverse_pointer.rpartition(".")[0].rpartition(".")[0]
    except ValueError:  # a client on a socket without an address
        return "invalid"


def _text(seen: Seen, domain: str) -> str:
    return f"Service unavailable; client [{seen.address}] blocked using {domain}"


def _threshold(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"expected a whole number, at least 1, got {value!r}")
    return value


def _sites(value: object) -> list[Site]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"expected a list such as [bl.example.net*2], got {value!r}")
    return [_site(item) for item in value]


def _site(text: object) -> Site:
    match = _SITE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"expected domain=127.0.0.[2..4]*weight, got {text!r}")
    domain, pattern, weight = match.groups()
    return Site(domain.lower(), _filter(pattern or ""), int(weight or 1))


def _filter(pattern: str) -> tuple[frozenset[int], ...]:
    """Return the octets that match; ``127.0.[0;2].[2..11]`` as postconf(5) writes it."""
    if not pattern:
        return ()
    octets = re.findall(r"\[([0-9.;]+)\]|([0-9]+)", pattern)
    sets = []
    for inner, plain in octets:
        found: set[int] = set()
        for part in (inner or plain).split(";"):
            low, _, high = part.partition("..")
            if not low.isdecimal() or not (high or low).isdecimal():
                raise ValueError(f"expected octets such as [2..4;10], got {inner!r}")
            found.update(range(int(low), int(high or low) + 1))
        sets.append(frozenset(found))
    if len(sets) != 4:
        raise ValueError(f"expected four octets such as 127.0.0.[2..4], got {pattern!r}")
    return tuple(sets)
