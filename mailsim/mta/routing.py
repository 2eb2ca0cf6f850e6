"""Where a recipient's mail goes next: the transport map, else the recipient's own domain.

Source: Postfix transport(5).  ``[name]`` turns off the MX lookup, as there.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailsim.message import domain_of

__all__ = ["Routing"]


class Routing:
    """The transport map of one host.

    Parameters
    ----------
    routes : mapping of str to str
        Next hop by recipient domain; ``*`` for all others.  ``transport:`` may come before it.
    """

    def __init__(self, routes: Mapping[str, str]) -> None:
        self._routes = {domain.lower(): hop.lower() for domain, hop in routes.items()}
        self._default = self._routes.pop("*", "")

    def next_hop(self, recipient: str) -> str:
        """Return the destination of a recipient: a domain, or ``[host]``."""
        domain = domain_of(recipient)
        return self._routes.get(domain) or self._default or domain
