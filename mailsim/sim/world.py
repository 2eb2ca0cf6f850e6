"""The simulated world: everything the processes of a run share."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from mailsim.dns import Authority, zone_of
from mailsim.record.log import Log
from mailsim.sim.clock import SECOND, Clock, SyncPoint
from mailsim.sim.ledger import Ledger
from mailsim.sim.machines import Machines
from mailsim.sim.network import Network
from mailsim.sim.sharing import Sharing
from mailsim.sim.streams import Streams

if TYPE_CHECKING:
    from mailsim.sim.client import ClientHost
    from mailsim.sim.mailhost import MailHost

__all__ = ["NameServer", "World"]


class NameServer:
    """A host that answers for some zones.

    Parameters
    ----------
    host : str
    authority : Authority
    """

    def __init__(self, host: str, authority: Authority) -> None:
        self.host = host
        self.authority = authority


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

    Attributes
    ----------
    env : Clock
        Its time is nanoseconds since the start of the run.
    ledger : Ledger
    mail_hosts, client_hosts : dict
        By host name.
    addresses : dict of str to str
        Address by host name.
    hosts_at : dict of str to str
        Host name by address.
    name_servers : dict of str to NameServer
        By zone origin.
    machines : Machines
        What is out of order at which host.
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
    ) -> None:
        self.env = Clock()
        self.network = network
        self.streams = streams
        self.log = log
        self.ledger = Ledger(log)
        self.start_unix_s = start_unix_s
        self.is_wire = is_wire
        self.machines = Machines(network)
        self.mail_hosts: dict[str, MailHost] = {}
        self.client_hosts: dict[str, ClientHost] = {}
        self.addresses: dict[str, str] = {}
        self.hosts_at: dict[str, str] = {}
        self.name_servers: dict[str, NameServer] = {}
        self._numbers = count(2)
        self._sessions = count(1)
        self.next_number = self._numbers.__next__
        self.next_session = self._sessions.__next__
        self.sharing = Sharing(self.env, self.next_number)

    def at(self, at_ns: int, number: int) -> SyncPoint:
        """Return an event at ``at_ns`` for the process of that number."""
        return SyncPoint(self.env, at_ns, number)

    def unix_s(self, at_ns: int) -> int:
        """Return the wall-clock second of a simulated time, for dates."""
        return self.start_unix_s + at_ns // SECOND

    def name_server_of(self, name: str) -> NameServer | None:
        """Return the name server of the zone a name lies in, or None."""
        origin = zone_of(name, self.name_servers)
        return None if origin is None else self.name_servers[origin]

    def held(self) -> Iterator[tuple[int, str, int, str]]:
        """Iterate over all recipients in queues and hands: message, recipient, hops, host."""
        for client in self.client_hosts.values():
            yield from client.held()
        for name, host in self.mail_hosts.items():
            for message, recipient in host.queue.held():
                yield message.content.number, recipient, len(message.content.trace), name
