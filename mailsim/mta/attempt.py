"""One attempt to deliver an entry: who is settled by what a server said, and who goes on.

Postfix smtp_connect.c and smtp_trouble.c (``smtp_rcpt_fail``, ``smtp_mesg_fail``): a 2yz or 5yz
settles a recipient.  Whom a server put off with 4yz, at MAIL, RCPT, DATA or the content, goes on
to the next exchanger within the same attempt, and is deferred only if that was the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from mailsim.mta.queue import Entry
from mailsim.smtp import Reply

__all__ = ["ADDRESS_LIMIT", "Attempt", "Outcome", "as_temporary"]

ADDRESS_LIMIT = 5
_SESSION_LIMIT = 2
"""Postfix: ``smtp_mx_address_limit`` and ``smtp_mx_session_limit``."""

Via = TypeVar("Via")


class Outcome(NamedTuple, Generic[Via]):
    """What one recipient was told last.

    Attributes
    ----------
    reply : Reply
    via : connection, or None
        Over which; None if it came to none.
    at_ns : int
    """

    reply: Reply
    via: Via | None
    at_ns: int


class Attempt(Generic[Via]):
    """One attempt to deliver an entry, at one server after another.

    Parameters
    ----------
    entry : Entry

    Attributes
    ----------
    entry : Entry
    left : tuple of str
        Recipients whom the next server, if there is one, is asked to take.
    n_sessions : int
        Servers talked to so far.
    """

    __slots__ = ("_outcomes", "entry", "left", "n_sessions")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.left = entry.recipients
        self.n_sessions = 0
        self._outcomes: dict[str, Outcome[Via]] = {}

    @property
    def goes_on(self) -> bool:
        """True while a further server may be tried."""
        return bool(self.left) and self.n_sessions < _SESSION_LIMIT

    @property
    def outcomes(self) -> list[Outcome[Via]]:
        """One outcome per recipient of the entry, once each has one."""
        return [self._outcomes[to] for to in self.entry.recipients]

    def take(
        self, recipients: Sequence[str], replies: Sequence[Reply], via: Via | None, at_ns: int
    ) -> None:
        """Take what a server said of some of those left.

        A 5yz of our own says only that the message cannot go to such a server.

        Parameters
        ----------
        recipients : sequence of str
        replies : sequence of Reply
        via : connection or None
        at_ns : int
        """
        for recipient, reply in zip(recipients, replies, strict=True):
            self._outcomes[recipient] = Outcome(reply, via, at_ns)
        if len(replies) == 1 == len(self.left) and replies[0].code < 400:
            self.left = ()  # most deliveries: one recipient, taken
            return
        outcomes = self._outcomes
        self.left = tuple([to for to in self.left if to not in outcomes or _is_open(outcomes[to])])

    def end(self, reply: Reply, at_ns: int) -> None:
        """Give all that are left this reply: it came to no server."""
        self.take(self.left, [reply] * len(self.left), None, at_ns)


def _is_open(outcome: Outcome[Via]) -> bool:
    reply = outcome.reply
    return reply.is_temporary or (reply.is_ours and reply.code >= 500 and outcome.via is not None)


def as_temporary(reply: Reply, relay_name: str) -> Reply:
    """Return what a refusal before MAIL amounts to: the host will not talk, which only defers.

    What we say ourselves for good is about the message: it cannot go to such a server.  What we
    say of the network (RFC 3463 section 3.5) or of a certificate is no refusal.

    Parameters
    ----------
    reply : Reply
    relay_name : str
        The server as logs name it.
    """
    if reply.is_ours and (reply.code >= 500 or reply.enhanced.startswith(("4.4.", "4.7.5"))):
        return reply
    text = f"host {relay_name} refused to talk to me: {reply}"
    enhanced = f"4{reply.enhanced[1:]}" if reply.enhanced else "4.3.0"
    return Reply(reply.code if reply.is_temporary else 450, (text,), enhanced, reply.is_ours)
