"""The simulated world: everything the processes of a run share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

from mailsim.dns import ResolverSettings, zone_of
from mailsim.mta.auth.certificate import Certificate
from mailsim.mta.auth.mta_sts import StsPolicy
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND, Clock, SyncPoint
from mailsim.sim.ledger import Ledger
from mailsim.sim.link_changes import LinkChanges
from mailsim.sim.machines import Machines
from mailsim.sim.network import Network
from mailsim.sim.sharing import Sharing
from mailsim.sim.streams import Streams
from mailsim.sim.tcp import TcpSettings

if TYPE_CHECKING:
    from mailsim.sim.client import ClientHost
    from mailsim.sim.mailhost import MailHost
    from mailsim.sim.nameserver import NameServer
    from mailsim.sim.resolver import Resolver

__all__ = ["World"]


class World:
    """What the hosts of one run have in common.

    Parameters
    ----------
    network : Network
    streams : Streams
    log : Log
    start_unix_s : int
        Wall-clock second of simulated time 0, for dates in messages.
    is_wire : bool
        Whether every flight is an event of its own and every value goes through the codec.
    dns : ResolverSettings
        How resolvers ask.
    tcp : TcpSettings
        How all hosts speak TCP.

    Attributes
    ----------
    env : Clock
        Its time is nanoseconds since the start of the run.
    ledger : Ledger
    mail_hosts, client_hosts : dict
        By host name.
    addresses : dict of str to str
        Address by host name: of IPv4, unless the host has IPv6 alone.
    hosts_at : dict of str to str
        Host name by address.
    addresses6 : dict of str to str
        IPv6 address by host name, of the hosts that have one.
    early_talkers : set of str
        Hosts whose clients do not wait for a greeting.
    name_servers : dict of str to NameServer
        By host name.
    zones : dict of str to tuple of str
        The hosts that answer for a zone, by its origin.
    resolvers : dict of str to Resolver
        By host name.
    machines : Machines
        What is out of order at which host.
    link_changes : LinkChanges
        What faults have laid over the figures of links.
    signed : frozenset of str
        Zones whose answers a resolver can validate (RFC 4033 section 5, secure), by origin.
    certificates : dict of str to Certificate
        What hosts show, by host name.
    sts_policies : dict of str to dict of str to StsPolicy
        What they serve over HTTPS: policies by domain, by host name.
    sharing : Sharing
        Who crosses the shared links.
    """

    def __init__(
        self,
        network: Network,
        streams: Streams,
        log: Log,
        *,
        start_unix_s: int = 0,
        is_wire: bool = False,
        dns: ResolverSettings = ResolverSettings(),  # noqa: B008 - it is frozen
        tcp: TcpSettings = TcpSettings(),  # noqa: B008 - it is frozen
    ) -> None:
        self.env = Clock()
        self.network = network
        self.streams = streams
        self.log = log
        self.ledger = Ledger(log)
        self.start_unix_s = start_unix_s
        self._second: Any = start_unix_s
        self.is_wire = is_wire
        self.machines = Machines(network, self.env)
        self.link_changes = LinkChanges(network)
        self.dns = dns
        self.tcp = tcp
        self.mail_hosts: dict[str, MailHost] = {}
        self.client_hosts: dict[str, ClientHost] = {}
        self.addresses: dict[str, str] = {}
        self.hosts_at: dict[str, str] = {}
        self.addresses6: dict[str, str] = {}
        self.early_talkers: set[str] = set()
        self.name_servers: dict[str, NameServer] = {}
        self.zones: dict[str, tuple[str, ...]] = {}
        self.resolvers: dict[str, Resolver] = {}
        self._numbers = count(2)
        self._sessions = count(1)
        self.next_number = self._numbers.__next__
        self.next_session = self._sessions.__next__
        self.signed: frozenset[str] = frozenset()
        self.certificates: dict[str, Certificate] = {}
        self.sts_policies: dict[str, dict[str, StsPolicy]] = {}
        self.sharing = Sharing(self.env, self.next_number)

    def at(self, at_ns: int, number: int) -> SyncPoint:
        """Return an event at ``at_ns`` for the process of that number."""
        return SyncPoint(self.env, at_ns, number)

    def address_types(self, host: str) -> tuple[str, ...]:
        """Return the types of address records that are of use to a host: of its own families."""
        if host not in self.addresses6:
            return ("A",)
        return ("AAAA",) if ":" in self.addresses[host] else ("A", "AAAA")

    def is_signed(self, name: str) -> bool:
        """Tell whether answers about a name can be validated."""
        return zone_of(name, self.zones) in self.signed

    def certificate(self, host: str) -> Certificate:
        """Return what a host shows; unless said, a trusted one of its own name."""
        return self.certificates.get(host) or Certificate((host,))

    def unix_s(self, at_ns: int) -> Any:
        """Return the wall-clock second of a simulated time, for dates: an int.

        The messages of one second share the object: hence not an ``int`` to the compiler, which
        would make another one for each.
        """
        second = self.start_unix_s + at_ns // SECOND
        if self._second != second:
            self._second = second
        return self._second

    def held(self) -> Iterator[tuple[int, str, int, str]]:
        """Iterate over all recipients in queues and hands: message, recipient, hops, host."""
        for client in self.client_hosts.values():
            yield from client.held()
        for name, host in self.mail_hosts.items():
            for message, recipient in host.queue.held():
                yield message.content.number, recipient, len(message.content.trace), name
            for number, recipient, hops in host.after_queue.held():
                yield number, recipient, hops, name
