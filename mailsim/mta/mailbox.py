"""The mailboxes of a host: which exist, and what has come into them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from typing import Final, NamedTuple

from mailsim.message import domain_of, local_part_of

__all__ = ["Mailboxes", "Stored", "user_of"]

END: Final = r"\Z"
"""How :func:`fnmatch.translate` ends a pattern."""


_WHOLE: Final = ("postmaster", "mailer-daemon", "double-bounce")


def user_of(local: str, delimiter: str) -> str:
    """Return a local part without its extension, if it has one (Postfix ``split_addr.c``).

    Examples
    --------
    >>> user_of("bob+news", "+"), user_of("owner-list", "-"), user_of("+bob", "+")
    ('bob', 'owner-list', '+bob')
    """
    name = local.lower()
    if not delimiter or name in _WHOLE:
        return local
    if "-" in delimiter and (name.startswith("owner-") or name.endswith("-request")):
        return local
    for i, letter in enumerate(local):
        if i and letter in delimiter:
            return local[:i]
    return local


class Stored(NamedTuple):
    """How much is in one mailbox."""

    messages: int
    size_bytes: int


class Mailboxes:
    """Final destination of some domains.

    Parameters
    ----------
    domains : iterable of str
        The domains that end here.
    patterns : iterable of str
        Shell patterns of the local parts that exist; ``postmaster`` always does
        (RFC 5321 section 4.5.1).
    delimiter : str
        Characters of which each parts a local part from an extension that is the user's own
        business (Postfix ``recipient_delimiter``).
    """

    def __init__(
        self, domains: Iterable[str], patterns: Iterable[str] = ("*",), delimiter: str = ""
    ) -> None:
        self.domains = frozenset(domain.lower() for domain in domains)
        known = [r"(?i:postmaster)\Z", *map(translate, patterns)]
        if delimiter:
            extension = f"(?s:[{re.escape(delimiter)}].*)?"
            known = [f"(?:{one.removesuffix(END)}){extension}{END}" for one in known]
        self._exists = re.compile("|".join(known)).match
        self._stored: dict[str, Stored] = {}

    def is_local(self, recipient: str) -> bool:
        """Tell whether the recipient's domain ends here; so does ``postmaster`` alone."""
        return domain_of(recipient) in self.domains or recipient.lower() == "postmaster"

    def exists(self, recipient: str) -> bool:
        """Tell whether a local recipient has a mailbox."""
        return self._exists(local_part_of(recipient)) is not None

    def store(self, recipient: str, size_bytes: int) -> None:
        """Put a message of ``size_bytes`` octets into the recipient's mailbox."""
        have = self._stored.get(recipient, Stored(0, 0))
        self._stored[recipient] = Stored(have.messages + 1, have.size_bytes + size_bytes)

    def stored(self, recipient: str) -> Stored:
        """Return how much is in a mailbox."""
        return self._stored.get(recipient, Stored(0, 0))
