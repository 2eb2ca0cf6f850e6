"""What carries a conversation: the path between two hosts, TCP and TLS."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from mailsim.sim.clock import SECOND
from mailsim.sim.line import SYN_RETRIES, Line
from mailsim.sim.loss import LossySender
from mailsim.sim.network import Path
from mailsim.sim.security import Secured
from mailsim.sim.service import Service
from mailsim.sim.tcp import RTO, Sender
from mailsim.sim.tls import Handshake, TlsSessions, agreed, shake
from mailsim.sim.wirecodec import WireCodec
from mailsim.sim.wiretap import Wiretap
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, ClientSession, Reply

__all__ = ["CONNECT_TIMEOUT_NS", "TIMED_OUT", "Transport"]

CONNECT_TIMEOUT_NS = 127 * SECOND
"""Until Linux gives up: six retries, ``net.ipv4.tcp_syn_retries``."""
TIMED_OUT = "Connection timed out"


class Transport:
    """The lower half of a :class:`~mailsim.sim.conversation.Conversation`.

    Parameters
    ----------
    world : World
    number : int
        Number of the process that pumps it.
    host : str
        The client's host.
    config : ClientConfig
    service : Service
    tls_sessions : TlsSessions or None
        Those that the client may resume; None if it resumes none.

    Attributes
    ----------
    relay_name : str
        The server as logs name it: ``host[address]:port``.
    secured : Secured or None
        What a TLS policy makes of the server; None without one.
    """

    __slots__ = (
        "_codec",
        "_line",
        "_n_received",
        "_n_sent",
        "_n_trips",
        "_number",
        "_path",
        "_sender",
        "_service",
        "_tls_sessions",
        "_wiretap",
        "_world",
        "client",
        "host",
        "opened_ns",
        "relay_name",
        "secured",
        "session",
        "t",
    )

    def __init__(
        self,
        world: World,
        number: int,
        host: str,
        config: ClientConfig,
        service: Service,
        tls_sessions: TlsSessions | None,
    ) -> None:
        self._world = world
        self._number = number
        self._service = service
        self._path = self._way(host, service.host)
        rough = self._path.rough
        self._line = None if rough is None else Line(world, host, service.host, self._path, rough)
        self._sender: Sender | LossySender | None = None
        if self._line is not None:  # else it comes with the first flight that needs one
            self._sender = self._line.up
        self._tls_sessions = tls_sessions
        self._codec = WireCodec(service.config) if world.is_wire else None
        self._n_sent = self._n_received = self._n_trips = 0
        self._wiretap: Wiretap | None = None
        self.host = host
        self.relay_name = service.relay_name
        self.client = ClientSession(config)
        self.secured: Secured | None = None
        self.session = 0
        self.opened_ns = self.t = world.env.now

    def secure(self, secured: Secured) -> None:
        """Talk as a relay's TLS policy wants it; before :meth:`open`."""
        self.secured = secured
        self.client = ClientSession(secured.config)

    def _way(self, host: str, server: str) -> Path:
        return self._world.network.path(host, server)

    def _connect(self, timeout_ns: int) -> Generator[Event, Any, int | None]:
        """Let SYN, SYN-ACK and ACK travel; return when the connection is complete at the server.

        None if nothing of it has come back within ``timeout_ns``; then :attr:`session` stays 0.
        """
        world, latency, t = self._world, self._path.latency_ns, self.t
        known, arrives = t + 2 * latency, t + 3 * latency
        if self._line is not None:
            connected = yield from self._line.connect(t, self._number, timeout_ns)
            if connected is None:
                self.t += timeout_ns
                yield world.at(self.t, self._number)
                text = f"connect to {self.relay_name}: {TIMED_OUT}"
                self.client.lost(Reply(450, (text,), "4.4.1", is_ours=True))
                return None
            known, arrives = connected
        self.session = world.next_session()
        if world.log.with_events:
            self._wiretap = Wiretap(world.log, self.session)
            self._wiretap.note(t, known, f"connect to {self._service.host}")
        if self._codec is not None:
            if self._line is None:
                yield world.at(t + latency, self._number)
            yield world.at(known, self._number)
        return arrives

    def _knock(self, timeout_ns: int) -> Generator[Event, Any, tuple[bool, int, Event | None]]:
        """Send SYN again after 1, 3, 7 s (RFC 6298), until the server has room.

        Parameters
        ----------
        timeout_ns : int
            After which the client gives up: there is no :attr:`session` then.

        Returns
        -------
        is_in : bool
        t : int
            Now.
        granted : simpy.Event or None
            That of getting a slot, if the room is in the backlog.
        """
        world, service, begun, wait_ns = self._world, self._service, self.opened_ns, RTO
        syn_ns = begun
        for _ in range(SYN_RETRIES):
            syn_ns, wait_ns = syn_ns + wait_ns, 2 * wait_ns
            if syn_ns - begun >= timeout_ns:
                break
            if syn_ns < world.env.now:  # the one that found no room had been sent again already
                continue
            arrives = yield from self._travel(syn_ns, 0, True)
            yield world.at(arrives + 2 * self._path.latency_ns, self._number)
            granted = service.arrive()
            if granted is not None or service.take_slot():
                return True, world.env.now, granted
        self.t, self.session = max(begun + timeout_ns, world.env.now), 0
        yield world.at(self.t, self._number)
        text = f"connect to {self.relay_name}: {TIMED_OUT}"
        self.client.lost(Reply(450, (text,), "4.4.1", is_ours=True))
        return False, self.t, None

    def _travel(self, t: int, n: int, is_up: bool) -> Generator[Event, Any, int]:
        """Let a flight of ``n`` octets travel that leaves at ``t``; return when it arrives."""
        if self._line is None:
            t += self._path.flight_ns(n)
        else:
            t, n_waits = yield from self._line.carry(t, n, is_up, self._number)
            self._n_trips += n_waits
        if self._codec is not None:
            yield self._world.at(t, self._number)
        return t

    def _send_large(self, n: int) -> int:
        """Send a flight that is larger than the initial window; return when it arrives."""
        path = self._path
        if self._sender is None:
            each = self._world.tcp.acked_each
            self._sender = Sender(2 * path.latency_ns, path.bandwidth_bit_s, each)
        assert isinstance(self._sender, Sender)
        left, n_waits = self._sender.send(n, self.t)
        self._n_trips += n_waits
        return left + path.latency_ns

    def _starttls(self) -> Generator[Event, Any, None]:
        """Set up TLS after STARTTLS; the client's last message goes with its EHLO."""
        handshake = yield from self._agreed(self.t)
        hello = yield from self._travel(self.t, handshake.flights[0][0], True)
        self.t = yield from self._shake(handshake, self.t, hello)

    def _implicit_tls(self, t: int) -> Generator[Event, Any, int]:
        """Set up TLS before the greeting; the client's first message came with its ACK."""
        handshake = yield from self._agreed(t)
        hello = t + self._path.flight_ns(handshake.flights[0][0]) - self._path.latency_ns
        if self._codec is not None:
            yield self._world.at(hello, self._number)
        return (yield from self._shake(handshake, t, hello))

    def _agreed(self, t: int) -> Generator[Event, Any, Handshake]:
        return agreed(self._world, self._number, self._service, self._tls_sessions, t)

    def _shake(self, handshake: Handshake, begun: int, hello: int) -> Generator[Event, Any, int]:
        is_implicit = self.client.config.tls == "implicit"
        done = yield from shake(handshake, hello, self._travel, is_implicit=is_implicit)
        self._n_trips += 1 if is_implicit else len(handshake.flights)
        self._n_sent += handshake.up_bytes
        self._n_received += handshake.down_bytes
        if self._wiretap is not None:
            self._wiretap.note(begun, done, "TLS handshake")
        if self._tls_sessions is not None:
            yield self._world.at(done, self._number)
            self._tls_sessions.keep(self._service.host, self._service.port, done)
        return done
