"""Which addresses a host takes mail for: those of its mailboxes, and those it is a relay of."""

from __future__ import annotations

from collections.abc import Iterable

from mailsim.message import domain_of
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.routing import covers

__all__ = ["Accepted"]


class Accepted(Mailboxes):
    """The addresses a host takes mail for from anybody.

    Whether an address of a relay domain exists, only the hosts after this one know: a backup
    exchanger accepts what its primary refuses later, and then it must bounce.

    Parameters
    ----------
    domains, patterns : iterable of str
        As of :class:`~mailsim.mta.mailbox.Mailboxes`.
    relay_domains : iterable of str
        Postfix ``relay_domains``; their subdomains belong to them.
    """

    def __init__(
        self, domains: Iterable[str], patterns: Iterable[str], relay_domains: Iterable[str]
    ) -> None:
        super().__init__(domains, patterns)
        self._relay_domains = frozenset(domain.lower() for domain in relay_domains)

    def is_local(self, recipient: str) -> bool:
        """Tell whether this host is responsible for a recipient, to deliver or to relay."""
        return super().is_local(recipient) or covers(self._relay_domains, domain_of(recipient))

    def exists(self, recipient: str) -> bool:
        """Tell whether a recipient has a mailbox here, or may have one elsewhere."""
        return super().exists(recipient) or not super().is_local(recipient)
