"""Signing what leaves a host: one key for each domain (opendkim.conf(5): SigningTable)."""

from __future__ import annotations

from collections.abc import Mapping

from mailsim.message import Content
from mailsim.mta.auth.dkim import author_domain, sign

__all__ = ["Signer"]


class Signer:
    """The keys of a host.

    Parameters
    ----------
    selectors : mapping of str to str
        By domain.
    """

    def __init__(self, selectors: Mapping[str, str]) -> None:
        self._selectors = {domain.lower(): name for domain, name in selectors.items()}

    def signed(self, content: Content) -> Content:
        """Return a message with a signature of its author's domain, if there is a key for it."""
        domain = author_domain(content)
        selector = self._selectors.get(domain)
        return content if selector is None else sign(content, domain, selector)
