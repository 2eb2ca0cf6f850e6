"""Recipients that the transport map of a host declares undeliverable: refused at once."""

from __future__ import annotations

from mailsim.mta.expansion import Expansion
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.nowhere import said_nowhere
from mailsim.mta.policies import Policy, Seen
from mailsim.mta.routing import Routing
from mailsim.smtp import Reply

__all__ = ["Undeliverable"]


class Undeliverable(Policy):
    """Refuse whom the map sends to ``error:``, for the reason given there.

    Not who is an alias or a list: these lead elsewhere.  Source: Postfix ``smtpd_check.c``
    (``check_rcpt_maps``), ``smtpd_reject_unlisted_recipient = yes``.

    Parameters
    ----------
    routing : Routing
    mailboxes : Mailboxes
        Whose mail ends here.
    expansion : Expansion or None
    """

    def __init__(self, routing: Routing, mailboxes: Mailboxes, expansion: Expansion | None) -> None:
        self._routing = routing
        self._mailboxes = mailboxes
        self._expansion = expansion

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Look the recipient up in the map."""
        to = seen.recipient
        if self._expansion is not None and self._expansion.knows(to):
            return None
        is_here = self._mailboxes.is_local(to)
        hop = self._routing.nowhere(to) if is_here else self._routing.next_hop(to)
        said = said_nowhere(hop)
        if said is None or said.code < 500:
            return None
        text = f"<{to}>: Recipient address rejected: {said.lines[0]}"
        return Reply(said.code, (text,), said.enhanced)
