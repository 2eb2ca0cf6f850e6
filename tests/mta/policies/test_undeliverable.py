"""Recipients that the transport map sends to ``error:`` are refused."""

from __future__ import annotations

import pytest

from mailsim.mta.expansion import Expansion
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Seen
from mailsim.mta.policies._undeliverable import Undeliverable
from mailsim.mta.routing import routing_of

MAP = {
    "*": "error:5.7.1 nothing leaves here",
    "old@example.org": "error:5.1.6 has moved",
    "alias@example.org": "error:not asked",
    "example.com": "retry:later",
    "example.net": "[mx.example.net]",
}


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("old@example.org", "550 5.1.6 <old@example.org>: Recipient address rejected: has moved"),
        ("bob@example.org", None),
        ("alias@example.org", None),
        ("bob@example.com", None),
        ("bob@example.net", None),
        ("b@c.example", "550 5.7.1 <b@c.example>: Recipient address rejected: nothing leaves here"),
    ],
)
def test_who_is_refused(to: str, said: str | None) -> None:
    """``*`` is not for what ends here; an alias leads elsewhere."""
    mailboxes = Mailboxes(["example.org"])
    expansion = Expansion(mailboxes, {"alias@example.org": ["bob@example.org"]}, {})
    for one in (expansion, None) if to != "alias@example.org" else (expansion,):
        policy = Undeliverable(routing_of(MAP), mailboxes, one)
        seen = Seen("client", "192.0.2.1", "client", "", "a@b.example", to, False)
        reply = policy.on_rcpt(seen, 0)
        assert (None if reply is None else str(reply)) == said
