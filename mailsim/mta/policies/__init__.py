"""Server policies: may this client, sender, recipient?  One file, one registered class each.

A policy defines any of ``on_connect on_mail on_rcpt on_data`` (Postfix's restriction stages).
Each returns a :class:`~mailsim.smtp.Reply` that refuses, or None to let the next policy decide;
the first verdict wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mailsim.registry import Room
from mailsim.smtp import Reply

__all__ = ["Policy", "Seen", "policies", "policy"]


class Seen(NamedTuple):
    """What a server knows when it asks a policy.

    Attributes
    ----------
    client, address : str
        Name and address of the connected host.
    helo : str
    user : str
        Authenticated user, or empty.
    sender : str
    recipient : str
        The recipient asked about, at stage rcpt; else empty.
    is_local : bool
        Whether that recipient's domain ends at this host.
    """

    client: str
    address: str
    helo: str
    user: str
    sender: str
    recipient: str
    is_local: bool


class Policy:
    """What all policies share.

    Attributes
    ----------
    is_shared : bool
        Whether its verdict depends on what other sessions did: then the driver asks it in
        the order of simulated time.
    """

    is_shared = False

    @classmethod
    def from_options(cls, options: object) -> Policy:
        """Return the policy that a scenario describes.

        Raises
        ------
        ValueError
            If the options are not what the policy takes; says what was expected.
        """
        raise NotImplementedError

    def hosts(self) -> Iterable[str]:
        """Return the hosts that its options name; each must be a host of the scenario."""
        return ()

    def on_connect(self, seen: Seen, now_ns: int) -> Reply | None:
        """Decide at the greeting."""
        return None

    def on_mail(self, seen: Seen, now_ns: int) -> Reply | None:
        """Decide at MAIL."""
        return None

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Decide at RCPT."""
        return None

    def on_data(self, seen: Seen, now_ns: int) -> Reply | None:
        """Decide at DATA."""
        return None


policies: Room[Policy] = Room("policy", "mailsim.mta.policies", Policy)
policy = policies.register
