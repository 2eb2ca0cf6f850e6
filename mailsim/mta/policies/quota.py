"""Quota: no more mail into a mailbox that is full."""

from __future__ import annotations

from collections.abc import Mapping

from mailsim.message import local_part_of
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Policy, Seen, policy
from mailsim.mta.policies._options import count_of, one_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_size

__all__ = ["Quota"]

_EXAMPLE = "{size: 1 GB, messages: 0, action: defer, mailboxes: {bob: 10 MB}}"


@policy("quota")
class Quota(Policy):
    """Refuse recipients whose mailbox has no room for the message that MAIL declares.

    With ``action: defer`` they get 452 4.2.2, as long as the mailbox is full; with ``reject`` 552
    5.2.2.  A message that turns out too large for all of its recipients here is refused after its
    content.  Nobody empties a mailbox.

    Source: RFC 5321 section 4.2.3 (452, 552), RFC 3463 (X.2.2 mailbox full); Dovecot's
    quota-status service, which Postfix asks at RCPT; Gmail answers 452 4.2.2 to a full mailbox.
    That a mailbox has no limit unless said is an assumption.

    Example::

        quota: {size: 1 GB, action: defer, mailboxes: {bob: 10 MB}}

    Parameters
    ----------
    size_bytes : int
        Of all messages in a mailbox; 0 for no limit.
    messages : int
        How many; 0 for no limit.
    action : str
        ``defer`` or ``reject``.
    own : mapping of str to int
        Size by the local part of those mailboxes that have one of their own.
    """

    is_shared = True

    def __init__(
        self,
        size_bytes: int = 0,
        messages: int = 0,
        action: str = "defer",
        own: Mapping[str, int] | None = None,
    ) -> None:
        self._size_bytes = size_bytes
        self._messages = messages
        self._code, self._enhanced = (452, "4.2.2") if action == "defer" else (552, "5.2.2")
        self._own = own or {}
        self._mailboxes = Mailboxes(())

    @classmethod
    def from_options(cls, options: object) -> Quota:
        """Return the policy for ``{size: ..., messages: ..., action: ..., mailboxes: ...}``."""
        known = {
            "size": parse_size,
            "messages": count_of,
            "action": one_of("defer", "reject"),
            "mailboxes": _own,
        }
        given = options_of("quota", options, known, _EXAMPLE)
        own = given.get("mailboxes", {})
        if not (given.get("size") or given.get("messages") or own):
            raise ValueError(f"quota: expected {_EXAMPLE}, got no limit")
        action = given.get("action", "defer")
        return cls(given.get("size", 0), given.get("messages", 0), action, own)

    def meet(self, mailboxes: Mailboxes) -> None:
        """Get to know the mailboxes."""
        self._mailboxes = mailboxes

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a recipient whose mailbox has no room."""
        if not seen.is_local or self._has_room(seen.recipient, seen.size_bytes):
            return None
        text = f"<{seen.recipient}>: Recipient address rejected: Mailbox is full"
        return Reply(self._code, (text,), self._enhanced)

    def on_message(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a message for which none of its recipients has room."""
        for recipient in seen.recipients:
            if not self._mailboxes.is_local(recipient) or self._has_room(
                recipient, seen.size_bytes
            ):
                return None
        return Reply(self._code, ("Mailbox is full",), self._enhanced)

    def _has_room(self, recipient: str, size_bytes: int) -> bool:
        stored = self._mailboxes.stored(recipient)
        limit = self._own.get(local_part_of(recipient).lower(), self._size_bytes)
        if limit and stored.size_bytes + max(size_bytes, 1) > limit:
            return False
        return not self._messages or stored.messages < self._messages


def _own(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ValueError(f"expected sizes by local part such as {{bob: 10 MB}}, got {value!r}")
    return {str(name).lower(): parse_size(size) for name, size in value.items()}
