"""Who may send through this host to somewhere else."""

from __future__ import annotations

from collections.abc import Iterable

from mailsim.mta.policies import Policy, Seen, policy
from mailsim.smtp import Reply

__all__ = ["RelayControl"]


@policy("relay_control")
class RelayControl(Policy):
    """Refuse to relay, except for authenticated clients and the hosts named.

    Every host has it; a host without one in the scenario relays for authenticated clients
    only, so no simulated server is an open relay by accident.

    Source: Postfix ``smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated
    reject_unauth_destination`` (postconf(5)); RFC 5321 section 7.9.

    Example::

        relay_control: {from: [mx1.example.org]}

    Parameters
    ----------
    allowed : iterable of str
        Host names that may relay without authentication.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allowed = frozenset(allowed)

    @classmethod
    def from_options(cls, options: object) -> RelayControl:
        """Return the policy for ``{from: [host, ...]}``."""
        if not isinstance(options, dict) or set(options) != {"from"}:
            raise ValueError(f"relay_control takes {{from: [host, ...]}}, got {options!r}")
        hosts = options["from"]
        if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
            raise ValueError(f"relay_control: 'from' is a list of host names, got {hosts!r}")
        return cls(hosts)

    def hosts(self) -> Iterable[str]:
        """Return the hosts that may relay."""
        return sorted(self.allowed)

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Refuse a recipient elsewhere, unless the client may relay."""
        if seen.is_local or seen.user or seen.client in self.allowed:
            return None
        return Reply(554, (f"<{seen.recipient}>: Relay access denied",), "5.7.1")
