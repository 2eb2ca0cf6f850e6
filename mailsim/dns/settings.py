"""How resolvers ask.  Defaults of timeout and attempts: resolv.conf(5)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ResolverSettings"]

_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ResolverSettings:
    """How all resolvers of a world ask.

    Attributes
    ----------
    timeout_ns : int
        How long to wait for an answer before the next server is asked.
    attempts : int
        How often each server of a zone is asked before the resolver gives up.
    udp_size_bytes : int
        Larger answers are asked for again over TCP; 1232 octets fit everywhere (DNS flag day
        2020), 512 is what RFC 1035 section 4.2.1 allows without EDNS.
    is_delegated : bool
        Whether resolvers begin at the root and follow NS records down, or know the name servers
        of each zone.
    """

    timeout_ns: int = 5 * _SECOND
    attempts: int = 2
    udp_size_bytes: int = 1232
    is_delegated: bool = False
