"""Where a recipient's mail goes next: the transport map, a smarthost, or the recipient's domain.

Source: Postfix transport(5) and ``trivial-rewrite/resolve.c``.  ``[name]`` turns off the MX
lookup, as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mailsim.message import domain_of, local_part_of
from mailsim.mta.mailbox import user_of
from mailsim.mta.nowhere import is_nowhere, nowhere_hop

__all__ = ["Routing", "TransportMap", "covers", "routing_of"]

_USUAL = ("smtp", "relay")
"""Transports of Postfix's master.cf that deliver by SMTP, with nothing of their own."""


class Routing:
    """The next hops of one host, by recipient domain.

    Parameters
    ----------
    routes : mapping of str to str
        Next hop by recipient domain; ``*`` for all others.  ``transport:`` may come before it.
    delimiter : str
        Postfix ``recipient_delimiter``.

    Attributes
    ----------
    has_nowhere : bool
        Whether some of them lead nowhere (:mod:`mailsim.mta.nowhere`).
    """

    def __init__(self, routes: Mapping[str, str], delimiter: str = "") -> None:
        self._delimiter = delimiter
        self._routes = {domain.lower(): _lowered(hop) for domain, hop in routes.items()}
        self.has_nowhere = any(map(is_nowhere, self._routes.values()))
        self._default = self._routes.pop("*", "")

    def next_hop(self, recipient: str) -> str:
        """Return the destination of a recipient: a domain, or ``[host]``."""
        domain = domain_of(recipient)
        return self._routes.get(domain) or self._default or domain

    def nowhere(self, recipient: str) -> str:
        """Return the destination of a recipient if an entry of its own leads nowhere, else ``""``.

        Such an entry holds for mail that ends here, too: transport(5) comes before
        ``mydestination``.  ``*`` is all other mail.
        """
        domain = domain_of(recipient)
        hop = self._find(recipient.lower(), domain, "")
        return nowhere_hop(hop, domain) if is_nowhere(hop) else ""

    def _find(self, address: str, domain: str, default: str) -> str:
        """Return the entry for a recipient."""
        routes = self._routes
        user = user_of(local_part_of(address), self._delimiter)
        parents = (f".{parent}" for parent in _parents(domain))
        for key in (address, f"{user}@{domain}", domain, *parents):
            if key in routes:
                return routes[key]
        return default


class TransportMap(Routing):
    """A transport map with all that transport(5) knows.

    Keys are tried in its order: the address, that without its extension, its domain, ``.parent``
    domains from the longest to the shortest, ``*``.  A transport without a next hop (``slow:``)
    means the recipient's own domain; ``:`` alone leaves everything as it is without the map.

    Parameters
    ----------
    routes : mapping of str to str
    relayhost : str
        Next hop of all that the map says nothing of; empty for the recipient's domain.
    delimiter : str
        See :class:`Routing`.
    """

    def __init__(self, routes: Mapping[str, str], relayhost: str = "", delimiter: str = "") -> None:
        super().__init__(routes, delimiter)
        self._relayhost = relayhost.lower()

    def next_hop(self, recipient: str) -> str:
        """Return the destination of a recipient."""
        domain = domain_of(recipient)
        hop = self._find(recipient.lower(), domain, self._default)
        if hop in ("", ":"):
            return self._relayhost or domain
        if is_nowhere(hop):
            return nowhere_hop(hop, domain)
        transport, colon, rest = hop.partition(":")
        if colon and (not transport or transport in _USUAL):
            return rest or domain
        return f"{hop}{domain}" if colon and not rest else hop


def routing_of(routes: Mapping[str, str], relayhost: str = "", delimiter: str = "") -> Routing:
    """Return the routing of a transport map and a smarthost, the simplest that will do.

    Parameters
    ----------
    routes : mapping of str to str
    relayhost : str
        Postfix ``relayhost``: the map comes before it, and it before the recipient's domain.
    delimiter : str
        See :class:`Routing`.
    """
    is_plain = all(
        "@" not in key and not key.startswith(".") and _is_plain(hop) for key, hop in routes.items()
    )
    if not is_plain:
        return TransportMap(routes, relayhost, delimiter)
    return Routing({"*": relayhost, **routes} if relayhost else routes, delimiter)


def _is_plain(hop: str) -> bool:
    transport, colon, rest = hop.partition(":")
    return not colon or bool(rest.strip() and transport and transport not in _USUAL)


def _lowered(hop: str) -> str:
    """Return a next hop in small letters; names of transports, and reasons, are as written."""
    transport, colon, rest = hop.partition(":")
    if not colon:
        return hop.lower()
    return hop if is_nowhere(hop) else f"{transport}:{rest.lower()}"


def covers(domains: Iterable[str], domain: str) -> bool:
    """Tell whether a domain, or a parent of it, is among some.

    Postfix matches ``relay_domains`` like that (``parent_domain_matches_subdomains``).
    """
    known = frozenset(domains)
    return bool(known) and (domain in known or any(parent in known for parent in _parents(domain)))


def _parents(domain: str) -> Iterator[str]:
    """Give the domains above one, the longest first."""
    while "." in domain:
        domain = domain.partition(".")[2]
        yield domain
