"""Which addresses a host takes mail for: mailboxes, aliases and lists, and whom it relays for."""

from __future__ import annotations

from collections.abc import Iterable

from mailsim.message import domain_of
from mailsim.mta.expansion import Expansion
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.routing import Routing, covers

__all__ = ["Accepted"]


class Accepted(Mailboxes):
    """The addresses a host takes mail for from anybody.

    Whether an address of a relay domain exists, only the hosts after this one know: a backup
    exchanger accepts what its primary refuses later, and then it must bounce.

    Parameters
    ----------
    mailboxes : Mailboxes
        Whose mail ends here.
    relay_domains : iterable of str
        Postfix ``relay_domains``; their subdomains belong to them.
    expansion : Expansion or None
        Aliases, lists, and senders that it has rewritten.
    routing : Routing or None
        Its transport map, if some of that leads nowhere.
    """

    def __init__(
        self,
        mailboxes: Mailboxes,
        relay_domains: Iterable[str] = (),
        expansion: Expansion | None = None,
        routing: Routing | None = None,
    ) -> None:
        super().__init__(mailboxes.domains)
        self._mailboxes = mailboxes
        self._relay_domains = frozenset(domain.lower() for domain in relay_domains)
        self._expansion = expansion
        self._routing = routing

    def is_local(self, recipient: str) -> bool:
        """Tell whether this host is responsible for a recipient, to deliver or to relay."""
        is_local = self._mailboxes.is_local(recipient)
        return is_local or covers(self._relay_domains, domain_of(recipient))

    def exists(self, recipient: str) -> bool:
        """Tell whether a recipient is known here, or may be elsewhere."""
        if self._expansion is not None:
            known = self._expansion.knows(recipient)
            if known is not None:
                return known
        if self._routing is not None and self._routing.nowhere(recipient).startswith("error:"):
            return True  # the reason is in the map, and Undeliverable tells it
        return self._mailboxes.exists(recipient) or not self._mailboxes.is_local(recipient)
