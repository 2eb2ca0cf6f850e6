"""Limits per client: connections at a time, and connections, messages and recipients in a while."""

from __future__ import annotations

from collections.abc import Mapping

from mailsim.mta.policies import Policy, Seen, policy
from mailsim.mta.policies._options import count_of, hosts_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_duration

__all__ = ["Anvil"]

_EXAMPLE = "{smtpd_client_message_rate_limit: 100, anvil_rate_time_unit: 60s}"
_DEFAULTS = {
    "smtpd_client_connection_count_limit": 50,
    "smtpd_client_connection_rate_limit": 0,
    "smtpd_client_message_rate_limit": 0,
    "smtpd_client_recipient_rate_limit": 0,
    "anvil_rate_time_unit": 60_000_000_000,
}


class _Client:
    """What is known of one client's address."""

    def __init__(self, now_ns: int) -> None:
        self.n_open = 0
        self.start_ns = now_ns
        self.counts = {"connection": 0, "message": 0, "recipient": 0}


@policy("anvil")
class Anvil(Policy):
    """Limit what one client address may do, at a time and per time unit, as anvil(8) counts it.

    Counts begin anew when something happens after the time unit is over; what is refused counts
    too.  Too many connections get 421 at the greeting, too many messages 450 at MAIL, too many
    recipients 450 at RCPT.

    Source: Postfix anvil(8), ``anvil.c`` and ``smtpd.c``: parameters, defaults (50 connections
    at a time, no rate limits, 60 s) and replies; ``smtpd_client_event_limit_exceptions``, which
    are hosts by name here.  Its limits on AUTH and TLS are not modelled.

    Example::

        anvil: {smtpd_client_connection_count_limit: 10, smtpd_client_message_rate_limit: 100}

    Parameters
    ----------
    limits : mapping of str to int
        By postconf(5) name; 0 for none, ``anvil_rate_time_unit`` in ns.
    exceptions : frozenset of str
        Hosts without limits.
    """

    is_shared = True

    def __init__(self, limits: Mapping[str, int], exceptions: frozenset[str] = frozenset()) -> None:
        given = {**_DEFAULTS, **limits}
        self._most_open = given["smtpd_client_connection_count_limit"]
        self._unit_ns = given["anvil_rate_time_unit"]
        self._most = {
            what: given[f"smtpd_client_{what}_rate_limit"]
            for what in ("connection", "message", "recipient")
        }
        self.exceptions = exceptions
        self._clients: dict[str, _Client] = {}

    @classmethod
    def from_options(cls, options: object) -> Anvil:
        """Return the policy for limits by their postconf(5) names."""
        known = {
            **dict.fromkeys(_DEFAULTS, count_of),
            "anvil_rate_time_unit": parse_duration,
            "smtpd_client_event_limit_exceptions": hosts_of,
        }
        given = options_of("anvil", options, known, _EXAMPLE)
        exceptions = frozenset(given.pop("smtpd_client_event_limit_exceptions", ()))
        if given.get("anvil_rate_time_unit") == 0:
            raise ValueError("anvil: anvil_rate_time_unit: expected more than 0s")
        return cls(given, exceptions)

    def hosts(self) -> list[str]:
        """Return the hosts without limits."""
        return sorted(self.exceptions)

    def on_open(self, address: str, now_ns: int) -> None:
        """Count a connection more."""
        self._count("connection", address, now_ns)
        self._clients[address].n_open += 1

    def on_connect(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a client with too many connections."""
        client = self._clients[seen.address]
        is_over = self._is_over(self._most_open, client.n_open, seen)
        if is_over or self._is_over(self._most["connection"], client.counts["connection"], seen):
            return Reply(421, (f"Error: too many connections from {seen.address}",), "4.7.0")
        return None

    def on_mail(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a client with too many messages."""
        n = self._count("message", seen.address, now_ns)
        if self._is_over(self._most["message"], n, seen):
            return Reply(450, (f"Error: too much mail from {seen.address}",), "4.7.1")
        return None

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a client with too many recipients."""
        n = self._count("recipient", seen.address, now_ns)
        if self._is_over(self._most["recipient"], n, seen):
            return Reply(450, (f"Error: too many recipients from {seen.address}",), "4.7.1")
        return None

    def on_close(self, address: str, now_ns: int) -> None:
        """Count one connection less; forget a client of whom nothing counts any more."""
        client = self._clients[address]
        client.n_open -= 1
        if not client.n_open and client.start_ns + self._unit_ns < now_ns:
            del self._clients[address]

    def on_crash(self, now_ns: int) -> None:
        """Forget all clients: anvil(8) keeps its counts in memory."""
        self._clients.clear()

    def _count(self, what: str, address: str, now_ns: int) -> int:
        client = self._clients.get(address)
        if client is None:
            client = self._clients[address] = _Client(now_ns)
        if client.start_ns + self._unit_ns < now_ns:
            client.start_ns = now_ns
            client.counts = dict.fromkeys(client.counts, 0)
        client.counts[what] += 1
        return client.counts[what]

    def _is_over(self, limit: int, n: int, seen: Seen) -> bool:
        return 0 < limit < n and seen.client not in self.exceptions
