"""What receivers do with their numbers, at the stages connect, mail, rcpt and message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv6Network
from typing import Any

from mailsim.message import domain_of
from mailsim.mta.bucket import Buckets
from mailsim.mta.policies import Policy, Seen
from mailsim.mta.receivers import Receiver
from mailsim.mta.receivers._numbers import NUMBERS, numbers_of
from mailsim.mta.reputation import Reputation
from mailsim.smtp import Reply

__all__ = ["PLAIN", "Pushback", "network_of"]

PLAIN = {
    "connections": Reply(421, ("Too many concurrent connections from {address}",), "4.7.0"),
    "messages": Reply(421, ("Too many messages in this connection",), "4.7.0"),
    "ip": Reply(421, ("Too much mail from {address}, try again later",), "4.7.0"),
    "network": Reply(421, ("Too much mail from your network, try again later",), "4.7.0"),
    "domain": Reply(421, ("Too much mail from {domain}, try again later",), "4.7.0"),
    "quota": Reply(421, ("{address} has sent its quota, try again later",), "4.7.0"),
    "mailbox": Reply(450, ("<{recipient}>: receiving mail too quickly",), "4.2.1"),
    "pair": Reply(450, ("<{recipient}>: too much mail of this sender",), "4.2.1"),
}
"""What a receiver says, by what is limited, whose own words are not known."""


class Pushback(Policy):
    """A receiver that reacts to what its clients send.

    Authenticated clients are its own users and are exempt.  A message that is refused costs
    nothing; one that is taken costs a token of each bucket and one of the quota.

    Parameters
    ----------
    profile : type of Receiver
    own : mapping of str to object
        Numbers that the scenario has instead of the profile's.
    new : iterable of str
        Hosts and addresses whose quota begins at ``first_quota``; that of others is full.

    Raises
    ------
    ValueError
        If a number is unknown, or not what it should be.
    """

    is_shared = True

    def __init__(
        self, profile: type[Receiver], own: Mapping[str, object], new: Iterable[str] = ()
    ) -> None:
        for name in own:
            if name not in NUMBERS:
                raise ValueError(f"unknown number {name!r}: known are {', '.join(NUMBERS)}")
        given = {name: number.value for name, number in profile.numbers.items()}
        self._numbers = numbers = numbers_of({**given, **own})
        self._replies = PLAIN | {name: said.reply for name, said in profile.replies.items()}
        self._judges_at = profile.judges_at
        self._new = frozenset(new)
        self._open: dict[str, int] = {}
        self._cool_ns: dict[str, tuple[int, str]] = {}
        self._buckets = {name: _buckets(name, numbers) for name in ("ip", "network", "domain")}
        self._mailbox, self._pair = _buckets("mailbox", numbers), _buckets("pair", numbers)
        self._reputation: Reputation | None = None
        if numbers["full_quota"] is not None:
            self._reputation = Reputation(
                numbers["first_quota"] or numbers["full_quota"],
                *(numbers["full_quota"], numbers["quota_period"]),
                *(numbers["quota_growth"], numbers["quota_fall"]),
                *(numbers["good_complaints"], numbers["bad_complaints"]),
            )

    def on_open(self, address: str, now_ns: int) -> None:
        """Count a connection of an address."""
        self._open[address] = self._open.get(address, 0) + 1

    def on_close(self, address: str, now_ns: int) -> None:
        """Count it no more."""
        n = self._open.pop(address) - 1
        if n:
            self._open[address] = n

    def on_crash(self, now_ns: int) -> None:
        """Forget all connections."""
        self._open.clear()

    def on_connect(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse one connection too many."""
        limit = self._numbers["connections_per_ip"]
        if limit is not None and self._open.get(seen.address, 0) > limit:
            return self._say("connections", seen)
        return None

    def on_mail(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse one message too many in a session; look at rates and quota."""
        if seen.user:
            return None
        limit = self._numbers["messages_per_connection"]
        if limit is not None and seen.n_transactions >= limit:
            return self._say("messages", seen)
        return self._judge(seen, now_ns) if self._judges_at == "mail" else None

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a mailbox that gets too much."""
        if seen.user or not seen.is_local:
            return None
        pair, mailbox = f"{seen.sender} {seen.recipient}", seen.recipient
        if self._pair is not None and not self._pair.has(pair, now_ns):
            return self._say("pair", seen)
        if self._mailbox is not None and not self._mailbox.take(mailbox, now_ns):
            return self._say("mailbox", seen)
        if self._pair is not None:
            self._pair.take(pair, now_ns)
        return None

    def on_message(self, seen: Seen, now_ns: int) -> Reply | None:
        """Look at rates and quota once the message is complete."""
        if seen.user or self._judges_at != "message":
            return None
        return self._judge(seen, now_ns)

    def _judge(self, seen: Seen, now_ns: int) -> Reply | None:
        """Take a message of an address, or say which limit it is above."""
        address, reputation = seen.address, self._reputation
        until_ns, why = self._cool_ns.get(address, (0, ""))
        if now_ns < until_ns:
            return self._say(why, seen)
        if reputation is not None:
            is_new = address in self._new or seen.client in self._new
            reputation.meet(address, now_ns, is_new=is_new)
            if reputation.left(address, now_ns) < 1:
                return self._say("quota", seen)
        keys = {"ip": address, "network": network_of(address), "domain": domain_of(seen.sender)}
        held = [(name, b, keys[name]) for name, b in self._buckets.items() if b and keys[name]]
        for name, buckets, key in held:
            if not buckets.has(key, now_ns):
                if name != "domain" and self._numbers["cool_down"]:
                    self._cool_ns[address] = (now_ns + self._numbers["cool_down"], name)
                return self._say(name, seen)
        for _, buckets, key in held:
            buckets.take(key, now_ns)
        if reputation is not None:
            reputation.took(address, now_ns, self._numbers["complaints"])
        return None

    def _say(self, name: str, seen: Seen) -> Reply:
        reply, domain = self._replies[name], domain_of(seen.sender)
        words = {"address": seen.address, "recipient": seen.recipient, "domain": domain}
        return reply._replace(lines=tuple([line.format(**words) for line in reply.lines]))


def _buckets(name: str, numbers: Mapping[str, Any]) -> Buckets | None:
    rate = numbers[f"{name}_rate"]
    return None if rate is None else Buckets(rate, numbers[f"{name}_burst"])


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Return the network that an address belongs to: a /24, or a /64 of IPv6."""
    if ":" not in address:
        return address.rpartition(".")[0]
    return str(IPv6Network((address, 64), strict=False))
