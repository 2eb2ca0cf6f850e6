"""Transports that lead nowhere: ``error:``, ``retry:`` and ``discard:`` of a transport map.

Their next hop is a reason, with an enhanced status code before it or without.  All mail for it
bounces, is deferred, or is discarded and logged as sent; nobody is connected to.  Source: Postfix
error(8), discard(8), transport(5); ``trivial-rewrite/transport.c`` for what is left out.
"""

from __future__ import annotations

import re

from mailsim.smtp import Reply

__all__ = ["NOWHERE", "is_nowhere", "nowhere_hop", "said_nowhere"]

_CODES = {"error": (550, "5.0.0"), "retry": (450, "4.0.0"), "discard": (250, "2.0.0")}
NOWHERE = tuple(_CODES)
"""Their names."""
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|\Z)")


def is_nowhere(hop: str) -> bool:
    """Tell whether a next hop, as a transport map has it, leads nowhere."""
    return hop.partition(":")[0] in _CODES if ":" in hop else False


def nowhere_hop(hop: str, domain: str) -> str:
    """Return such a next hop with its reason, which may have been left out.

    Parameters
    ----------
    hop : str
        As in the map.
    domain : str
        Of the recipient.

    Examples
    --------
    >>> nowhere_hop("error:", "example.net"), nowhere_hop("discard:", "example.net")
    ('error:Address is undeliverable', 'discard:example.net')
    """
    transport, _, reason = hop.partition(":")
    default = domain if transport == "discard" else "Address is undeliverable"
    return f"{transport}:{reason.strip() or default}"


def said_nowhere(destination: str) -> Reply | None:
    """Return what becomes of mail for a destination that leads nowhere; None if it is another.

    Examples
    --------
    >>> str(said_nowhere("error:5.1.6 has moved"))
    '550 5.1.6 has moved'
    >>> said_nowhere("[mx.example.net]") is None
    True
    """
    if not is_nowhere(destination):
        return None
    transport, _, reason = destination.partition(":")
    code, status = _CODES[transport]
    given = _STATUS.match(reason)
    if given is not None:
        status, reason = given[1], reason[given.end() :]
    return Reply(code, (reason or status,), status, is_ours=True)
